// seccomp: which system calls a process may make.
#pragma once

namespace futured::sandbox {

// Denies (EPERM) what a task has no use for and an attacker has: looking into other processes, mounting, loading code
// into the kernel, keys, io_uring, userfaultfd, new namespaces, sockets other than TCP and UDP, typing into terminals.
// A call by another architecture's convention kills. Throws std::system_error that names the layer. REQUIRES: no new
// privileges.
void filter_system_calls();

}  // namespace futured::sandbox
