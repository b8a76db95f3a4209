// Checks of what clients send. Every failure names the field, the value and what is allowed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "futured/v1/future.pb.h"
#include "google/protobuf/duration.pb.h"
#include "server/core/future_table.h"
#include "server/core/status.h"

namespace futured::rpc {

// The start of a client's text, with control characters escaped, for messages and logs.
std::string printable(std::string_view text);

core::Status too_large(std::string_view field, std::uint64_t size, std::uint64_t limit);
core::Result<void> check_function_name(std::string_view field, std::string_view name);
core::Result<core::Duration> to_duration(std::string_view field, const google::protobuf::Duration& duration);
// Timeout and retention; not the executor.
core::Result<void> fill_options(const std::string& field, const v1::TaskOptions& options, core::TaskGroup& group);

}  // namespace futured::rpc
