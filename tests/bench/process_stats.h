// What the kernel knows about a process: this one, or a child.
#pragma once

#include <sys/types.h>

#include <cstddef>

namespace futured::bench {

// Processor time used so far, by all its threads, in seconds.
double cpu_seconds(pid_t pid);
// Memory in use, in bytes.
std::size_t resident_bytes(pid_t pid);
std::size_t threads(pid_t pid);

}  // namespace futured::bench
