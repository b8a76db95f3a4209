// Guard: the parent that every confined program has, so that nothing of what it starts outlives it or the daemon.
#pragma once

#include <sys/types.h>

namespace futured::sandbox {

// Returns in a new process, the program to be. The calling process stays as its guard:
//
//   daemon ── guard, leads the process group ── the process that returns, of the same group ── whatever it starts
//
// Orphans below come to the guard, their subreaper, also when they have a session of their own: it knows them all.
//   the program ends   the guard kills and reaps what is left, then ends as the program did
//   the daemon ends    by whatever: the guard kills and reaps all, then ends
//   kEndAll comes      from the daemon: the same, and ends as if killed
//   the guard ends     by somebody's SIGKILL: the program is killed; what it had started in other sessions is nobody's
// Other signals to the group reach the program directly, and don't matter to the guard. The end of the daemon wakes it
// even if it is stopped; what the program does to itself, or does not do any more, does not matter. It holds no
// descriptors.
//
// `parent`: the daemon; 0: whoever it is. Throws std::system_error that names the layer. REQUIRES: one thread.
void enter_guarded(pid_t parent);

}  // namespace futured::sandbox
