#include "server/worker/initializer_program.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "server/exec/invoke.h"
#include "server/exec/process/launcher.h"
#include "server/exec/process/spawn.h"

namespace futured::worker {
namespace {

std::vector<std::string> own_environment() {
  std::vector<std::string> variables;
  for (char** variable = ::environ; *variable != nullptr; ++variable) variables.emplace_back(*variable);
  return variables;
}

// How it went, to follow the program's name; empty: well.
std::string run(const std::vector<std::string>& argv) {
  pid_t pid = -1;
  if (const int error = exec::spawn(argv, own_environment(), "", {0, 1, 2}, pid); error != 0) {
    return std::string("cannot be started: ") + std::strerror(error);
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return std::string("cannot be waited for: ") + std::strerror(errno);
  }
  exec::ExitStatus end;
  if (WIFSIGNALED(status)) end.signal = WTERMSIG(status);
  if (WIFEXITED(status)) end.code = WEXITSTATUS(status);
  return end.signal == 0 && end.code == 0 ? "" : end.to_string();
}

}  // namespace

core::Outcome run_initializer(const std::vector<std::string>& argv) {
  const std::string problem = run(argv);
  if (problem.empty()) return {};
  return exec::failed(core::Error{core::Origin::kExecutor, "futured::InitializerError", argv.front() + " " + problem,
                                  "", nullptr, 0, ""});
}

}  // namespace futured::worker
