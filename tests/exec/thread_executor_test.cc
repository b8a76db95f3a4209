#include "server/exec/thread_executor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

#include "futured/registry.h"
#include "tests/exec/executor_conformance.h"
#include "tests/exec/log_conformance.h"
#include "tests/exec/progress_conformance.h"
#include "tests/exec/trace_conformance.h"

namespace futured::testing {
namespace {

class ThreadExecutorUnderTest final : public ExecutorUnderTest {
 public:
  ThreadExecutorUnderTest(core::FutureTable& table, const core::Clock& clock, const Options& options,
                          exec::TaskContext::LogSink log = nullptr)
      : executor_({"thread", options.max_workers, options.max_coroutines, options.max_value_size, std::move(log)},
                  registry_) {
    executor_.start(table, clock);
  }
  void stop() override { executor_.stop(); }

 private:
  static Registry conformance_functions() {
    Registry registry;
    add_conformance_functions(registry);
    return registry;
  }

  const Registry registry_ = conformance_functions();
  exec::ThreadExecutor executor_;
};

const ExecutorKind kThread{"Thread", true,
                           [](core::FutureTable& table, const core::Clock& clock,
                              const ExecutorUnderTest::Options& options) -> std::unique_ptr<ExecutorUnderTest> {
                             return std::make_unique<ThreadExecutorUnderTest>(table, clock, options);
                           }};

INSTANTIATE_TEST_SUITE_P(Executors, ExecutorConformanceTest, ::testing::Values(kThread), name_of_kind);
INSTANTIATE_TEST_SUITE_P(Executors, ProgressConformanceTest, ::testing::Values(kThread), name_of_kind);
INSTANTIATE_TEST_SUITE_P(Executors, TraceConformanceTest, ::testing::Values(kThread), name_of_kind);
INSTANTIATE_TEST_SUITE_P(Executors, LogConformanceTest, ::testing::Values(kThread), name_of_kind);

TEST(ThreadExecutorTest, IsOfKindThread) {
  ExecutorBench bench(kThread);
  EXPECT_EQ(bench.table.executors()[0].description->kind, "thread");
  EXPECT_EQ(bench.table.executors()[0].description->name, "thread");
}

TEST(ThreadExecutorTest, WorkersAreNamedAfterTheExecutor) {
  ExecutorBench bench(kThread);
  EXPECT_THAT(bench.error(bench.submit(kThrow, "a")).worker, ::testing::StartsWith("thread-"));
}

}  // namespace
}  // namespace futured::testing
