// futured-sandbox: forks and stays as the guard of the other, which confines itself, then becomes the program.
//
//   futured-sandbox --profile=basic --parent=PID --memory=BYTES … -- /path/of/PROGRAM ARGUMENT…
//
// Exits with 126 when it cannot do so, with 127 when the program cannot be executed, and says why in one line.
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>

#include "server/sandbox/basic.h"
#include "server/sandbox/capabilities.h"
#include "server/sandbox/command.h"
#include "server/sandbox/guard.h"
#include "server/sandbox/landlock.h"
#include "server/sandbox/namespaces.h"
#include "server/sandbox/seccomp.h"

namespace futured::sandbox {
namespace {

// In the order in which one layer does not hinder the next.
void confine(const Command& command) {
  const exec::Sandbox& sandbox = command.sandbox;
  const bool strict = sandbox.profile == exec::SandboxProfile::kStrict;
  if (strict) {
    end_with_parent(command.parent);
  } else {
    enter_guarded(command.parent);
  }
  if (sandbox.profile == exec::SandboxProfile::kNone) return;
  give_up_privileges();
  if (strict) enter_namespaces(command.writable, command.files);
  apply(sandbox.limits);
  if (!strict) return;
  drop_capabilities();
  restrict_files(command.writable);
  filter_system_calls();
}

int run(int argc, char** argv) {
  try {
    const Command command = parse(argc, argv);
    confine(command);
    ::execv(command.program[0], command.program);
    std::fprintf(stderr, "futured-sandbox: cannot execute %s: %s\n", command.program[0], std::strerror(errno));
    return exec::kNotExecutable;
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "futured-sandbox: %s\n", failure.what());
    return exec::kSandboxFailed;
  }
}

}  // namespace
}  // namespace futured::sandbox

int main(int argc, char** argv) { return futured::sandbox::run(argc, argv); }
