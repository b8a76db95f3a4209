#include "server/exec/process/launcher.h"

#include <csignal>
#include <cstring>

namespace futured::exec {

std::string ExitStatus::to_string() const {
  if (signal == 0) return "exited with code " + std::to_string(code);
  const char* name = ::sigabbrev_np(signal);
  return "was killed by signal " + std::to_string(signal) + (name ? " (SIG" + std::string(name) + ")" : "");
}

std::string memory_note(const ExitStatus& status, const ResourceLimits& limits) {
  // The kernel's way of ending who asks for too much is SIGKILL; under a limit of its own a process dies by its own
  // hand when it cannot get more.
  const std::uint64_t limit = limits.max_memory;
  if (status.signal == 0 || status.peak_memory == 0) return "";
  if (status.signal != SIGKILL && (limit == 0 || status.peak_memory < limit / 2)) return "";
  return "; it used up to " + std::to_string(status.peak_memory >> 20) + " MiB of memory" +
         (limit == 0 ? "" : ", its limit is " + std::to_string(limit >> 20) + " MiB");
}

}  // namespace futured::exec
