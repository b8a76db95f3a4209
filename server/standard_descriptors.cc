#include "server/standard_descriptors.h"

#include <fcntl.h>
#include <unistd.h>

namespace futured::server {

bool hold_standard_descriptors() {
  // A new descriptor is the lowest that is free.
  int opened = open("/dev/null", O_RDWR | O_CLOEXEC);
  while (opened >= 0 && opened <= STDERR_FILENO) opened = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (opened < 0) return false;
  close(opened);
  return true;
}

}  // namespace futured::server
