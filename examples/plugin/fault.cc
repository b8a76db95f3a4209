#include <csignal>
#include <cstdlib>
#include <stdexcept>

#include "examples/plugin/functions.h"

namespace examples {

void crash_worker() {
  // What the worker protocol gives to every worker process, and to no daemon.
  if (std::getenv("FUTURED_WORKER_SOCKET") == nullptr) {
    throw std::runtime_error("this is no worker process; run it on an executor of kind \"process\"");
  }
  std::raise(SIGSEGV);
}

}  // namespace examples
