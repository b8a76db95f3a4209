#include "server/exec/process/process_executor.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "tests/exec/executor_conformance.h"
#include "tests/exec/fault_functions.h"
#include "tests/exec/log_conformance.h"
#include "tests/exec/process_under_test.h"
#include "tests/exec/progress_conformance.h"
#include "tests/exec/trace_conformance.h"
#include "tests/support/eventually.h"
#include "tests/support/processes.h"

namespace futured::testing {
namespace {

using exec::ProcessExecutor;

// Whether a process, which is no child of this one, ends in time.
bool ends(const std::string& pid) {
  return eventually([&] { return exec::has_ended(std::stoi(pid)); });
}

INSTANTIATE_TEST_SUITE_P(Processes, ExecutorConformanceTest, ::testing::Values(process_kind()), name_of_kind);
INSTANTIATE_TEST_SUITE_P(Processes, ProgressConformanceTest, ::testing::Values(process_kind()), name_of_kind);
INSTANTIATE_TEST_SUITE_P(Processes, TraceConformanceTest, ::testing::Values(process_kind()), name_of_kind);
INSTANTIATE_TEST_SUITE_P(Processes, LogConformanceTest, ::testing::Values(process_kind()), name_of_kind);

TEST(ProcessExecutorTest, IsOfKindProcessAndCanKill) {
  ExecutorBench bench(process_kind());
  const core::ExecutorDescription& description = *bench.table.executors()[0].description;
  EXPECT_EQ(description.kind, "process");
  EXPECT_TRUE(description.can_kill);
}

TEST(ProcessExecutorTest, WorkersStartOnDemandAndStayWarm) {
  ExecutorBench bench(process_kind(), {.max_workers = 4});
  ProcessExecutor& executor = process_executor_of(bench);
  EXPECT_TRUE(executor.workers().empty());
  Rendezvous rendezvous;
  const auto first = bench.value<std::int64_t>(bench.submit(kTrace, rendezvous.path(), "a"));
  const auto second = bench.value<std::int64_t>(bench.submit(kTrace, rendezvous.path(), "b"));
  EXPECT_EQ(first, second);
  ASSERT_EQ(executor.workers().size(), 1U);
  EXPECT_EQ(executor.workers()[0].pid, first);
  EXPECT_EQ(executor.workers()[0].tasks, 2U);
}

TEST(ProcessExecutorTest, WorkerSeesItsDescriptorsAndNoOther) {
  ExecutorBench bench(process_kind());
  EXPECT_EQ(bench.value<std::string>(bench.submit(kDescriptors)), "0 1 2 3 4");
}

TEST(ProcessExecutorTest, WorkerIsReplacedAfterSoManyTasks) {
  ExecutorBench bench(process_kind([](ProcessExecutor::Options& options) { options.max_tasks_per_child = 3; }),
                      {.max_workers = 1});
  Rendezvous rendezvous;
  std::map<std::int64_t, int> tasks_by_pid;
  std::vector<core::FutureId> ids;
  for (int i = 0; i < 30; ++i) ids.push_back(bench.submit(kTrace, rendezvous.path(), "a"));
  for (const core::FutureId id : ids) ++tasks_by_pid[bench.value<std::int64_t>(id)];
  EXPECT_GE(tasks_by_pid.size(), 10U);
  for (const auto& [pid, tasks] : tasks_by_pid) EXPECT_LE(tasks, 3) << pid;
}

// semantics 82
TEST(ProcessExecutorTest, WhatWasCancelledBeforeItBeganDoesNotWearAWorkerOut) {
  ExecutorBench bench(process_kind([](ProcessExecutor::Options& options) { options.max_tasks_per_child = 3; }),
                      {.max_workers = 1});
  Rendezvous open;
  open.open("go");
  bench.outcome(bench.submit(kHold, open.path(), "first"));
  // The function is known to be fast, so that both are lent to the worker at once.
  Rendezvous closed;
  bench.table.set_executor_state(0, core::ExecutorState::kPaused);
  const core::FutureId second = bench.submit(kHold, closed.path(), "second");
  const core::FutureId withdrawn = bench.submit(kHold, closed.path(), "withdrawn");
  bench.table.set_executor_state(0, core::ExecutorState::kActive);
  ASSERT_EQ(closed.arrival(), "second");
  EXPECT_EQ(bench.cancel(withdrawn, core::CancelMode::kPending), core::CancelEffect::kCancelled);
  const std::int64_t worker = process_executor_of(bench).workers().at(0).pid;
  closed.open("go");
  EXPECT_EQ(bench.outcome(second).state, core::State::kSucceeded);
  EXPECT_EQ(bench.value<std::int64_t>(bench.submit(kTrace, closed.path(), "third")), worker);
  EXPECT_NE(bench.value<std::int64_t>(bench.submit(kTrace, closed.path(), "fourth")), worker);
}

TEST(ProcessExecutorTest, RecyclingAfterEachTaskNeverStalls) {
  ExecutorBench bench(process_kind([](ProcessExecutor::Options& options) { options.max_tasks_per_child = 1; }),
                      {.max_workers = 2});
  std::vector<core::FutureId> ids;
  for (int i = 0; i < 100; ++i) ids.push_back(bench.submit(kNothing));
  for (const core::FutureId id : ids) EXPECT_EQ(bench.outcome(id).state, core::State::kSucceeded);
}

TEST(ProcessExecutorTest, InitializerRunsOnceInEachWorkerBeforeItsTasks) {
  ExecutorBench bench(
      process_kind([](ProcessExecutor::Options& options) { options.worker.initializer = kInitialize.name(); }));
  EXPECT_TRUE(bench.value<bool>(bench.submit(kIsInitialized)));
}

TEST(ProcessExecutorTest, InitializerThatFailsIsTheErrorOfTheFutures) {
  ExecutorBench bench(
      process_kind([](ProcessExecutor::Options& options) { options.worker.initializer = kInitializeBadly.name(); }));
  for (int i = 0; i < 3; ++i) {
    const core::Error error = bench.error(bench.submit(kNothing));
    EXPECT_EQ(error.origin, core::Origin::kExecutor);
    EXPECT_EQ(error.type, "BrokenExecutor");
    EXPECT_THAT(error.message, HasSubstr("the initializer failed: no licence"));
  }
}

TEST(ProcessExecutorTest, InitializerThatDoesNotExistIsNamed) {
  ExecutorBench bench(
      process_kind([](ProcessExecutor::Options& options) { options.worker.initializer = "no.such_function"; }));
  EXPECT_THAT(bench.error(bench.submit(kNothing)).message, HasSubstr("no.such_function"));
}

TEST(ProcessExecutorTest, ProgramThatDoesNotExistIsNamed) {
  ExecutorBench bench(process_kind(
      [](ProcessExecutor::Options& options) { options.worker.launch.argv = {"/nowhere/futured-worker"}; }));
  const core::Error error = bench.error(bench.submit(kNothing));
  EXPECT_EQ(error.origin, core::Origin::kExecutor);
  EXPECT_THAT(error.message, HasSubstr("/nowhere/futured-worker"));
}

TEST(ProcessExecutorTest, WorkersThatDieAtTheStartAreGivenUpAfterAFewTries) {
  ExecutorBench bench(
      process_kind([](ProcessExecutor::Options& options) { options.worker.launch.argv = {"/bin/false"}; }));
  const core::Error error = bench.error(bench.submit(kNothing));
  EXPECT_EQ(error.origin, core::Origin::kExecutor);
  EXPECT_THAT(error.message, HasSubstr("exited with code 1; what it wrote is in the daemon's log, with worker="));
}

TEST(ProcessExecutorTest, ForcedCancelKillsWhatDoesNotStop) {
  ExecutorBench bench(process_kind());
  Rendezvous rendezvous;
  const core::FutureId id = bench.submit(kSpin, rendezvous.path());
  const auto pid = rendezvous.arrival();
  ASSERT_TRUE(pid);
  EXPECT_EQ(bench.table.cancel(core::kDaemonAccount, {&id, 1}, core::CancelMode::kForce, 10ms).front(),
            core::CancelEffect::kStopEnforced);
  EXPECT_EQ(bench.outcome(id).state, core::State::kCancelled);
  EXPECT_FALSE(std::filesystem::exists("/proc/" + *pid));
  EXPECT_EQ(bench.value<std::string>(bench.submit(kEcho, "next")), "next");
}

TEST(ProcessExecutorTest, ForcedCancelLeavesThoseThatStopInTimeAlive) {
  ExecutorBench bench(process_kind(), {.max_workers = 1});
  Rendezvous rendezvous;
  const core::FutureId id = bench.submit(kHoldUntilStopped, rendezvous.path(), "a");
  ASSERT_TRUE(rendezvous.arrival());
  const auto pid = process_executor_of(bench).workers()[0].pid;
  bench.table.cancel(core::kDaemonAccount, {&id, 1}, core::CancelMode::kForce, 1h);
  EXPECT_EQ(bench.outcome(id).state, core::State::kCancelled);
  EXPECT_EQ(bench.value<std::int64_t>(bench.submit(kTrace, rendezvous.path(), "b")), pid);
}

TEST(ProcessExecutorTest, ForcedCancelEndsGrandchildrenToo) {
  ExecutorBench bench(process_kind());
  Rendezvous rendezvous;
  const core::FutureId id = bench.submit(kParent, rendezvous.path());
  const auto child = rendezvous.arrival();
  ASSERT_TRUE(child);
  bench.table.cancel(core::kDaemonAccount, {&id, 1}, core::CancelMode::kForce, 0ms);
  EXPECT_EQ(bench.outcome(id).state, core::State::kCancelled);
  EXPECT_TRUE(ends(*child));
}

TEST(ProcessExecutorTest, WorkerThatIgnoresATimeoutIsKilled) {
  ExecutorBench bench(process_kind([](ProcessExecutor::Options& options) { options.worker.kill_grace = 10ms; }),
                      {.max_workers = 1});
  Rendezvous rendezvous;
  bench.timeout = 1ms;
  EXPECT_EQ(bench.error(bench.submit(kSpin, rendezvous.path())).origin, core::Origin::kTimeout);
  bench.timeout = core::Duration(-1);
  EXPECT_EQ(bench.value<std::string>(bench.submit(kEcho, "next")), "next");
}

TEST(ProcessExecutorTest, AdministratorEndsAllWorkers) {
  for (const bool kill : {false, true}) {
    ExecutorBench bench(process_kind());
    Rendezvous rendezvous;
    const core::FutureId id = bench.submit(kHold, rendezvous.path(), "a");
    ASSERT_TRUE(rendezvous.arrival());
    EXPECT_TRUE(process_executor_of(bench).end_workers(kill));
    const core::Error error = bench.error(id);
    EXPECT_EQ(error.origin, core::Origin::kWorker);
    EXPECT_THAT(error.message, HasSubstr(kill ? "signal 9" : "signal 15"));
    EXPECT_EQ(bench.value<std::string>(bench.submit(kEcho, "next")), "next");
  }
}

TEST(ProcessExecutorTest, StoppedWorkerIsKilledAfterItsTime) {
  ExecutorBench bench(process_kind([](ProcessExecutor::Options& options) { options.worker.stop_timeout = 1ms; }));
  Rendezvous rendezvous;
  const core::FutureId id = bench.submit(kHold, rendezvous.path(), "a");
  ASSERT_TRUE(rendezvous.arrival());
  ::kill(static_cast<pid_t>(process_executor_of(bench).workers()[0].pid), SIGSTOP);
  EXPECT_THAT(bench.error(id).message, HasSubstr("was stopped by a signal"));
}

}  // namespace
}  // namespace futured::testing
