#include "server/exec/process/process_executor.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "server/exec/process/io_thread.h"
#include "tests/exec/executor_conformance.h"
#include "tests/exec/plain_launcher.h"

namespace futured::testing {
namespace {

std::vector<core::FunctionDescription> descriptions() {
  Registry registry;
  add_conformance_functions(registry);
  std::vector<core::FunctionDescription> all;
  for (const Function* function : registry.functions()) all.push_back({function->name(), function->signature()});
  return all;
}

class ProcessExecutorUnderTest final : public ExecutorUnderTest {
 public:
  ProcessExecutorUnderTest(core::FutureTable& table, const core::Clock& clock, const Options& options)
      : executor_(executor_options(options), descriptions(), io_.context(), launcher_) {
    executor_.start(table, clock);
  }
  void stop() override { executor_.stop(); }

 private:
  static exec::ProcessExecutor::Options executor_options(const Options& options) {
    exec::ProcessExecutor::Options result;
    result.max_workers = options.max_workers;
    result.worker.executor = "process";
    result.worker.launch.argv = {FUTURED_WORKER};
    result.worker.plugins = {FUTURED_CONFORMANCE_PLUGIN};
    result.worker.max_value_size = options.max_value_size;
    result.worker.max_frame_size = options.max_value_size + (std::uint64_t{1} << 20);
    return result;
  }

  exec::IoThread io_;
  PlainLauncher launcher_;
  exec::ProcessExecutor executor_;
};

const ExecutorKind kProcess{"Process", false,
                            [](core::FutureTable& table, const core::Clock& clock,
                               const ExecutorUnderTest::Options& options) -> std::unique_ptr<ExecutorUnderTest> {
                              return std::make_unique<ProcessExecutorUnderTest>(table, clock, options);
                            }};

INSTANTIATE_TEST_SUITE_P(Processes, ExecutorConformanceTest, ::testing::Values(kProcess), name_of_kind);

}  // namespace
}  // namespace futured::testing
