// Lines of tasks' logs as messages: the rpc layer tells clients of them, and the store keeps them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "futured/v1/future.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "server/core/clock.h"
#include "server/core/task_log.h"

namespace futured {

google::protobuf::Timestamp to_proto(core::WallTime time);

v1::LogLine to_proto(const core::LogLine& line);
core::LogLine to_core(const v1::LogLine& line);

// "8f3c5e0a917b48d2-57"; empty for that before all lines.
std::string position_text(const core::LogPosition& position);
// Nothing: it is none.
std::optional<core::LogPosition> parse_position(std::string_view text);

// All lines of a future, with their end as position, serialized.
std::string serialized_log(const core::StoredLog& log);
// Nothing: it is damaged.
std::optional<core::StoredLog> stored_log(std::string_view bytes);

}  // namespace futured
