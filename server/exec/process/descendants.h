// Descendants: the processes below a process, as /proc shows them.
#pragma once

#include <sys/types.h>

#include <vector>

namespace futured::exec {

// What is there at this moment; ended ones that nobody has reaped count. Others come and go meanwhile: whoever wants
// all of them gone looks again until there are none. No process: none.
std::vector<pid_t> children_of(pid_t pid);
// Children, their children, and so on: parents before children.
std::vector<pid_t> descendants_of(pid_t pid);
// Its letter in /proc/PID/stat: 'R' runs, 'T' is stopped by a signal, 'Z' has ended; 0: there is none.
char process_state(pid_t pid);
// All its threads have, even if nobody has reaped it: its first may be a 'Z' while others are on their way out.
bool has_ended(pid_t pid);

}  // namespace futured::exec
