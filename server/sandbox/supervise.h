// A parent that stands between two processes: what it hands on, and how it ends.
#pragma once

#include <sys/types.h>

namespace futured::sandbox {

// From here on signals wait for supervise(), in this process and its forks.
void hold_signals();
// In the fork that shall have them as usual.
void take_signals();

// Hands every signal on to `target`, as kill() understands it, until `child` has ended; reaps whatever else ends.
// kEndAll becomes SIGKILL for `child`.
// The child's wait status. REQUIRES: hold_signals() before the child was there.
int supervise(pid_t child, pid_t target);

// Ends this process as that one ended. REQUIRES: hold_signals().
[[noreturn]] void end_like(int wait_status);

}  // namespace futured::sandbox
