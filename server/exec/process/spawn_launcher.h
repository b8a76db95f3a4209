// SpawnLauncher: starts children with posix_spawn, by way of the helper futured-sandbox.
#pragma once

#include <set>
#include <string>

#include "server/exec/process/launcher.h"

namespace futured::exec {

// The daemon has one for all its executors: what one launcher did not start is an orphan to it.
class SpawnLauncher final : public Launcher {
 public:
  // `helper`: the path of futured-sandbox. Makes this process a subreaper; throws std::system_error when it cannot.
  explicit SpawnLauncher(std::string helper);

  core::Result<Child> launch(const Launch& launch) override;
  ExitStatus reap(const Child& child) override;
  pid_t program_of(const Child& child) override;
  bool is_stopped(const Child& child) override;
  void signal_group(const Child& child, int signal) override;
  bool end_orphans() override;

 private:
  const std::string helper_;
  // Launched and not reaped.
  std::set<pid_t> children_;
};

}  // namespace futured::exec
