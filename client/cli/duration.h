// Durations as people write them.
#pragma once

#include <google/protobuf/duration.pb.h>

#include <chrono>
#include <optional>
#include <string>

namespace futured::cli {

// "250ms", "30s", "5m", "1.5h", "30d"; without a unit: seconds. Nothing when it is none, negative, or above 100 years.
std::optional<std::chrono::nanoseconds> parse_duration(const std::string& text);

google::protobuf::Duration to_proto(std::chrono::nanoseconds duration);

// "12ms", "3.1s", "2m05s", "4h10m"
std::string show_duration(std::chrono::duration<double> duration);

}  // namespace futured::cli
