// The daemon's errors as exceptions.
#pragma once

#include <string>

#include "futured/errors.h"

namespace futured::detail {

// From a serialized futured.v1.Error. One that cannot be read becomes an error that says so.
TaskError make_task_error(const std::string& payload);

}  // namespace futured::detail
