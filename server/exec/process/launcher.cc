#include "server/exec/process/launcher.h"

#include <cstring>

namespace futured::exec {

std::string ExitStatus::to_string() const {
  if (signal == 0) return "exited with code " + std::to_string(code);
  const char* name = ::sigabbrev_np(signal);
  return "was killed by signal " + std::to_string(signal) + (name ? " (SIG" + std::string(name) + ")" : "");
}

}  // namespace futured::exec
