#include "server/exec/process/launcher.h"
#include "server/exec/process/sandbox.h"
namespace futured::exec {
std::string describe(const Sandbox&) { return "x"; }
std::string ExitStatus::to_string() const {
  return signal != 0 ? "was killed by signal " + std::to_string(signal) : "exited with code " + std::to_string(code);
}
}  // namespace futured::exec
