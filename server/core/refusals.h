// How many refusals have left the daemon, by reason. Of the whole process; thread-safe, without a lock.
//
// Counted where a refusal becomes a message: a call that ends with one counts one, and so does each task that a Session
// refuses.
#pragma once

#include <cstdint>

#include "server/core/reason.h"

namespace futured::core {

void count_refusal(Reason reason, std::uint64_t count = 1);
// Since the process started. All of them: for each row of kReasons.
std::uint64_t refusals(Reason reason);

}  // namespace futured::core
