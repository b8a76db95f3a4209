// SpawnLauncher: starts children with posix_spawn, by way of the helper futured-sandbox.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "server/exec/process/launcher.h"

namespace futured::exec {

class SpawnLauncher final : public Launcher {
 public:
  // `helper`: the path of futured-sandbox.
  explicit SpawnLauncher(std::string helper) : helper_(std::move(helper)) {}

  core::Result<Child> launch(const Launch& launch) override;
  std::optional<ExitStatus> reap(const Child& child) override;
  pid_t program_of(const Child& child) override;
  bool is_stopped(const Child& child) override;
  void signal_group(const Child& child, int signal) override;

 private:
  const std::string helper_;
};

}  // namespace futured::exec
