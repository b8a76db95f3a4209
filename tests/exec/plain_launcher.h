// A launcher without sandbox, for tests.
#pragma once

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <fstream>

#include "server/exec/process/launcher.h"

namespace futured::testing {

class PlainLauncher final : public exec::Launcher {
 public:
  core::Result<exec::Child> launch(const exec::Launch& launch) override {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    std::vector<int> high;
    for (std::size_t i = 0; i < launch.descriptors.size(); ++i) {
      high.push_back(::fcntl(launch.descriptors[i] < 0 ? null : launch.descriptors[i], F_DUPFD_CLOEXEC, 64));
      posix_spawn_file_actions_adddup2(&actions, high.back(), static_cast<int>(i));
    }
    posix_spawn_file_actions_addclosefrom_np(&actions, static_cast<int>(high.size()));
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    std::vector<char*> argv, environment;
    for (const auto& each : launch.argv) argv.push_back(const_cast<char*>(each.c_str()));
    for (const auto& each : launch.environment) environment.push_back(const_cast<char*>(each.c_str()));
    argv.push_back(nullptr);
    environment.push_back(nullptr);
    exec::Child child;
    const int error = ::posix_spawn(&child.pid, argv[0], &actions, &attributes, argv.data(), environment.data());
    for (const int each : high) ::close(each);
    ::close(null);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (error != 0) return core::failure(core::Code::kInvalidArgument, launch.argv[0] + ": " + std::strerror(error));
    child.pidfd.reset(static_cast<int>(::syscall(SYS_pidfd_open, child.pid, 0)));
    return child;
  }
  exec::ExitStatus reap(const exec::Child& child) override {
    int status = 0;
    rusage usage{};
    ::wait4(child.pid, &status, 0, &usage);
    return {WIFSIGNALED(status) ? WTERMSIG(status) : 0, WIFEXITED(status) ? WEXITSTATUS(status) : 0,
            static_cast<std::uint64_t>(usage.ru_maxrss) << 10};
  }
  bool is_stopped(const exec::Child& child) override {
    std::ifstream stat("/proc/" + std::to_string(child.pid) + "/stat");
    std::string text;
    std::getline(stat, text);
    return text.substr(text.rfind(')') + 2, 1) == "T";
  }
  void signal_group(const exec::Child& child, int signal) override { ::kill(-child.pid, signal); }
  bool end_orphans() override { return true; }
};

}  // namespace futured::testing
