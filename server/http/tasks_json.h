// The data of one event of /v1/tasks: tasks that ended and tasks that run, as one line of JSON.
#pragma once

#include <span>
#include <string>

#include "server/core/clock.h"
#include "server/core/snapshot.h"
#include "server/core/task_watch.h"

namespace futured::http {

// {"now": 1790000000123.25, "seen": 12345, "executors": [{"name": "cpu", "kind": "thread", "workers": 8}],
//  "tasks": [{"id": "…", "function": "math.is_prime", "executor": "cpu", "worker": 3, "started": …, "ended": …,
//             "outcome": "succeeded"}]}
// Times are milliseconds since 1970; `time` is that of `seen.now`. `worker` is null for a coroutine; `ended` and
// `outcome` are null for a task that runs. `executors` are in the order of their indices.
std::string tasks_json(const core::TasksSeen& seen, std::span<const core::ExecutorSnapshot> executors,
                       core::WallTime time);

}  // namespace futured::http
