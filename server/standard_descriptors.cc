// Standard input, output and error, which whoever starts the daemon may have closed: each that is closed becomes
// /dev/null. Else the next file or connection that is opened would be called standard error, and log lines would go
// into it.
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

void hold_standard_descriptors(int, char**, char**) {
  // A new descriptor is the lowest that is free. By system calls, as sanitizers are not ready to hear of any other.
  long opened = 0;
  while (opened >= 0 && opened <= STDERR_FILENO) opened = syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR);
  if (opened > STDERR_FILENO) syscall(SYS_close, opened);
}

// Before the initializers of libraries, of which gRPC's opens descriptors.
[[gnu::section(".preinit_array"), gnu::used]] void (*const run_first)(int, char**, char**) = hold_standard_descriptors;

}  // namespace
