// Lines that functions log, within the bounds in which the table takes them.
#pragma once

#include <string_view>

#include "futured/context.h"
#include "server/core/task_log.h"

namespace futured::exec {

core::LineKind kind_of(LogLevel level);
// What is longer than a line may be is cut; bytes that are no UTF-8 become question marks.
core::NewLogLine bounded_line(core::LineKind kind, std::string_view text);

}  // namespace futured::exec
