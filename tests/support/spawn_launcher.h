// SpawnLauncher: a Launcher without the sandbox, for tests of what runs on one.
#pragma once

#include <vector>

#include "server/exec/process/launcher.h"

namespace futured::testing {

class SpawnLauncher : public exec::Launcher {
 public:
  core::Result<exec::Child> launch(const exec::Launch& launch) override;
  exec::ExitStatus reap(const exec::Child& child) override;
  bool is_stopped(const exec::Child& child) override;
  void signal_group(const exec::Child& child, int signal) override;
  void end_orphans(const std::vector<pid_t>& /*known*/) override {}
};

}  // namespace futured::testing
