// A process executor with native workers, as the suites of this folder use it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "futured/registry.h"
#include "server/exec/process/io_thread.h"
#include "server/exec/process/process_executor.h"
#include "server/exec/process/spawn_launcher.h"
#include "tests/exec/conformance_functions.h"
#include "tests/exec/executor_under_test.h"

namespace futured::testing {

using ChangeOptions = std::function<void(exec::ProcessExecutor::Options&)>;

class ProcessExecutorUnderTest final : public ExecutorUnderTest {
 public:
  ProcessExecutorUnderTest(core::FutureTable& table, const core::Clock& clock, const Options& options,
                           const ChangeOptions& change)
      : executor_(executor_options(options, change), descriptions(), io_.context(), launcher_) {
    executor_.start(table, clock);
  }
  void stop() override { executor_.stop(); }
  exec::ProcessExecutor& executor() { return executor_; }

 private:
  static exec::ProcessExecutor::Options executor_options(const Options& options, const ChangeOptions& change) {
    exec::ProcessExecutor::Options result;
    result.max_workers = options.max_workers;
    result.worker.executor = "process";
    result.worker.launch.argv = {FUTURED_WORKER};
    result.worker.plugins = {FUTURED_CONFORMANCE_PLUGIN};
    result.worker.max_value_size = options.max_value_size;
    result.worker.max_frame_size = options.max_value_size + (std::uint64_t{1} << 20);
    result.log = [](const core::LeaseEntry*, std::string_view, LogLevel, std::string_view) {};
    if (change) change(result);
    return result;
  }
  static std::vector<core::FunctionDescription> descriptions() {
    Registry registry;
    add_conformance_functions(registry);
    std::vector<core::FunctionDescription> all;
    for (const Function* function : registry.functions()) all.push_back({function->name(), function->signature()});
    return all;
  }

  exec::IoThread io_;
  exec::SpawnLauncher launcher_{FUTURED_SANDBOX};
  exec::ProcessExecutor executor_;
};

inline ExecutorKind process_kind(ChangeOptions change = nullptr) {
  return {
      "Process", false,
      [change = std::move(change)](core::FutureTable& table, const core::Clock& clock,
                                   const ExecutorUnderTest::Options& options) -> std::unique_ptr<ExecutorUnderTest> {
        return std::make_unique<ProcessExecutorUnderTest>(table, clock, options, change);
      }};
}

// The executor of a bench that was made with process_kind().
inline exec::ProcessExecutor& process_executor_of(ExecutorBench& bench) {
  return static_cast<ProcessExecutorUnderTest&>(*bench.executor).executor();
}

}  // namespace futured::testing
