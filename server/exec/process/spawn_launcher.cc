#include "server/exec/process/spawn_launcher.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>
#include <utility>

#include "server/exec/process/descendants.h"
#include "server/exec/process/pidfd.h"
#include "server/exec/process/spawn.h"

namespace futured::exec {
namespace {

// Its own account of a child's end, with what it used; the C library's waitid() leaves that out.
int wait_id(int pidfd, siginfo_t* info, int options, rusage* usage) {
  return static_cast<int>(::syscall(SYS_waitid, P_PIDFD, pidfd, info, options, usage));
}

core::Result<void> check(const Launch& launch) {
  const auto refuse = [](const std::string& what, int error) {
    return core::failure(core::Reason::kSettingInvalid, what + ": " + std::strerror(error));
  };
  struct stat info {};
  if (!launch.directory.empty()) {
    if (::stat(launch.directory.c_str(), &info) != 0) return refuse("directory " + launch.directory, errno);
    if (!S_ISDIR(info.st_mode)) return refuse("directory " + launch.directory, ENOTDIR);
  }
  const std::string& program = launch.argv.front();
  if (program.empty() || program.front() != '/') {
    return core::failure(core::Reason::kSettingInvalid, "program " + program + ": not an absolute path");
  }
  if (::stat(program.c_str(), &info) != 0 || ::access(program.c_str(), X_OK) != 0) {
    return refuse("program " + program, errno);
  }
  if (S_ISDIR(info.st_mode)) return refuse("program " + program, EISDIR);
  return {};
}

}  // namespace

core::Result<Child> SpawnLauncher::launch(const Launch& launch) {
  if (const auto checked = check(launch); !checked) return tl::unexpected(checked.error());
  const std::vector<std::string> argv = sandboxed(launch.sandbox, helper_, launch.directory, launch.files, launch.argv);
  Child child;
  if (const int error = spawn(argv, launch.environment, launch.directory, launch.descriptors, child.pid); error != 0) {
    return core::failure(core::Reason::kLaunchFailed, "cannot start " + helper_ + ": " + std::strerror(error));
  }
  // The guard; or the stand-in and PID 1 of a namespace.
  child.depth = launch.sandbox.profile == SandboxProfile::kStrict ? 2 : 1;
  child.pidfd = open_pidfd(child.pid);
  if (!child.pidfd) {
    const int error = errno;
    ::kill(child.pid, SIGKILL);
    ::waitpid(child.pid, nullptr, 0);
    return core::failure(core::Reason::kLaunchFailed, std::string("no pidfd: ") + std::strerror(error));
  }
  return child;
}

std::optional<ExitStatus> SpawnLauncher::reap(const Child& child) {
  siginfo_t info{};
  rusage usage{};
  if (wait_id(child.pidfd.get(), &info, WEXITED | WNOHANG, &usage) != 0 || info.si_pid == 0) return std::nullopt;
  ExitStatus status;
  (info.si_code == CLD_EXITED ? status.code : status.signal) = info.si_status;
  // So early that it was nobody's guard.
  if (status.signal == kEndAll) status.signal = SIGKILL;
  // The child began in the memory of this process, which the kernel counts as its own.
  rusage own{};
  ::getrusage(RUSAGE_SELF, &own);
  if (usage.ru_maxrss > own.ru_maxrss) status.peak_memory = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
  return status;
}

pid_t SpawnLauncher::program_of(const Child& child) {
  pid_t program = child.pid;
  for (unsigned i = 0; i < child.depth; ++i) {
    // The eldest: orphans come after it.
    const std::vector<pid_t> children = children_of(program);
    if (children.empty()) return child.pid;
    program = children.front();
  }
  return program;
}

bool SpawnLauncher::is_stopped(const Child& child) {
  return process_state(child.pid) == 'T' || process_state(program_of(child)) == 'T';
}

void SpawnLauncher::signal_group(const Child& child, int signal) {
  // A negative one would mean others, or everybody.
  if (child.pid <= 0) return;
  if (signal != SIGKILL) {
    ::kill(-child.pid, signal);
    return;
  }
  ::kill(child.pid, kEndAll);
  // It may be stopped.
  ::kill(child.pid, SIGCONT);
}

}  // namespace futured::exec
