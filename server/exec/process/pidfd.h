// A descriptor for a process: it stays that process when the number is given to another.
#pragma once

#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include "server/exec/process/unique_fd.h"

namespace futured::exec {

// Close-on-exec, readable when the process has ended. None, and errno, when it cannot be had. The C library's function
// cannot be called from C++ before glibc 2.37.
inline UniqueFd open_pidfd(pid_t pid) { return UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))); }

}  // namespace futured::exec
