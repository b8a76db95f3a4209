#include "tests/support/spawn_launcher.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <system_error>

namespace futured::testing {
namespace {

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (const std::string& text : texts) result.push_back(const_cast<char*>(text.c_str()));
  result.push_back(nullptr);
  return result;
}

}  // namespace

core::Result<exec::Child> SpawnLauncher::launch(const exec::Launch& launch) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (int i = 0; i < static_cast<int>(launch.descriptors.size()); ++i) {
    const int descriptor = launch.descriptors[static_cast<std::size_t>(i)];
    if (descriptor < 0) {
      posix_spawn_file_actions_addopen(&actions, i, "/dev/null", O_RDWR, 0);
    } else {
      posix_spawn_file_actions_adddup2(&actions, descriptor, i);
    }
  }
  if (!launch.directory.empty()) posix_spawn_file_actions_addchdir_np(&actions, launch.directory.c_str());
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t all;
  sigfillset(&all);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
  pid_t pid = -1;
  const int error = posix_spawn(&pid, launch.argv.front().c_str(), &actions, &attributes, pointers(launch.argv).data(),
                                pointers(launch.environment).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return core::failure(core::Code::kInvalidArgument, std::generic_category().message(error));
  return exec::Child{pid, exec::UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)))};
}

exec::ExitStatus SpawnLauncher::reap(const exec::Child& child) {
  int status = 0;
  rusage usage{};
  wait4(child.pid, &status, 0, &usage);
  exec::ExitStatus result;
  result.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  result.code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
  result.peak_memory = static_cast<std::uint64_t>(usage.ru_maxrss) << 10;
  return result;
}

bool SpawnLauncher::is_stopped(const exec::Child& child) {
  siginfo_t info{};
  waitid(P_PID, static_cast<id_t>(child.pid), &info, WSTOPPED | WNOWAIT | WNOHANG);
  return info.si_pid == child.pid;
}

void SpawnLauncher::signal_group(const exec::Child& child, int signal) { kill(-child.pid, signal); }

}  // namespace futured::testing
