// Retry: after which errors there is another attempt, and when.
#pragma once

#include <cstdint>

#include "server/core/clock.h"
#include "server/core/ids.h"
#include "server/core/outcome.h"
#include "server/core/task_options.h"

namespace futured::core {

// Whether a task with this policy is attempted again after an error of attempt number `attempt`.
bool is_retried(const TaskPolicy& policy, const Error& error, std::uint32_t attempt);

// How long to wait after attempt number `attempt`, from 1. The same for the same arguments: chance is drawn from the ID
// and the attempt.
Duration back_off(const TaskPolicy& policy, FutureId id, std::uint32_t attempt);

}  // namespace futured::core
