// Workers that break the protocol: what becomes of them, of their tasks, and of the pool.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "tests/exec/executor_log.h"
#include "tests/exec/process_under_test.h"
#include "tests/support/temporary_directory.h"

namespace futured::testing {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using ::testing::HasSubstr;

// A misdeed of bad_worker, and the words by which it is told.
struct Fault {
  std::string misdeed;
  std::string told;
};
void PrintTo(const Fault& fault, std::ostream* out) { *out << fault.misdeed; }
std::string name_of(const ::testing::TestParamInfo<Fault>& fault) {
  std::string name = fault.param.misdeed.substr(fault.param.misdeed.find(':') + 1);
  std::erase_if(name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; });
  return name;
}

class WorkerProtocolTest : public ::testing::TestWithParam<Fault> {
 protected:
  enum class Bad { kFirst, kAll };

  ExecutorKind workers(const std::string& misdeed, Bad bad, const ChangeOptions& change = nullptr) const {
    return process_kind([=, this](exec::ProcessExecutor::Options& options) {
      options.worker.launch.argv = {FUTURED_BAD_WORKER, misdeed};
      if (bad == Bad::kFirst) options.worker.launch.argv.push_back(directory_.path() + "/marker");
      options.worker.plugins.clear();
      options.worker.kill_grace = 10ms;
      options.log = log_->sink();
      if (change) change(options);
    });
  }
  static void expect_work(ExecutorBench& bench) {
    for (const std::string text : {"one", "two", "three"}) {
      EXPECT_EQ(bench.value<std::string>(bench.submit(kEcho, text)), text);
    }
  }
  static void expect_broken(ExecutorBench& bench, const std::string& told) {
    const core::Error error = bench.error(bench.submit(kEcho, "text"));
    EXPECT_EQ(error.origin, core::Origin::kExecutor);
    EXPECT_EQ(error.type, "BrokenExecutor");
    EXPECT_THAT(error.message, HasSubstr(told));
  }

  const TemporaryDirectory directory_;
  const std::shared_ptr<ExecutorLog> log_ = std::make_shared<ExecutorLog>();
};

// --- Good ones.

TEST_F(WorkerProtocolTest, WorkerThatOnlyKnowsTheMessagesWorks) {
  ExecutorBench bench(workers("good", Bad::kAll));
  std::vector<core::FutureId> ids;
  for (int i = 0; i < 1000; ++i) ids.push_back(bench.submit(kEcho, std::to_string(i)));
  for (std::size_t i = 0; i < ids.size(); ++i) EXPECT_EQ(bench.value<std::string>(ids[i]), std::to_string(i));
}

TEST_F(WorkerProtocolTest, WorkerWithoutLedgerWorks) {
  ExecutorBench bench(workers("good:no ledger", Bad::kAll), {.max_workers = 2});
  std::vector<core::FutureId> ids;
  for (int i = 0; i < 1000; ++i) ids.push_back(bench.submit(kEcho, std::to_string(i)));
  bench.cancel(ids.back(), core::CancelMode::kPending);
  ids.pop_back();
  for (std::size_t i = 0; i < ids.size(); ++i) EXPECT_EQ(bench.value<std::string>(ids[i]), std::to_string(i));
}

TEST_F(WorkerProtocolTest, WorkerMayLogBeforeItIsReady) {
  ExecutorBench bench(workers("good:logs first", Bad::kAll));
  expect_work(bench);
  EXPECT_THAT(log_->with("a line"), HasSubstr("a line"));
}

// --- In place of getting ready.

class WorkerStartFaultTest : public WorkerProtocolTest {};
INSTANTIATE_TEST_SUITE_P(
    Faults, WorkerStartFaultTest,
    ::testing::Values(Fault{"start:garbage", "broke the worker protocol: a frame announces 542393671 bytes"},
                      Fault{"start:empty frame", "a frame announces 0 bytes"},
                      Fault{"start:oversized frame", "a frame announces 2097153 bytes; 1 to 2097152 are allowed"},
                      Fault{"start:no message", "a message of 3 bytes does not parse"},
                      Fault{"start:unknown content", "it spoke before it was ready"},
                      Fault{"start:started", "it spoke before it was ready"},
                      Fault{"start:results", "it spoke before it was ready"},
                      Fault{"start:progress", "it spoke before it was ready"},
                      Fault{"start:half a frame and exit", "exited with code 7"},
                      Fault{"start:hangs up", "closed its socket"},
                      Fault{"start:other version", "cannot work: VersionError: protocol 1 is asked for, 99 is known"}),
    name_of);

TEST_P(WorkerStartFaultTest, OneSuchWorkerIsReplaced) {
  ExecutorBench bench(workers(GetParam().misdeed, Bad::kFirst), {.max_workers = 1});
  const core::Outcome first = bench.outcome(bench.submit(kEcho, "text"));
  // One that says itself that it cannot work is believed.
  EXPECT_EQ(first.state, GetParam().misdeed == "start:other version" ? core::State::kFailed : core::State::kSucceeded);
  EXPECT_THAT(log_->with(GetParam().told), HasSubstr(GetParam().told));
}

TEST_P(WorkerStartFaultTest, TasksFailWhenThereAreOnlySuchWorkers) {
  ExecutorBench bench(workers(GetParam().misdeed, Bad::kAll), {.max_workers = 2});
  expect_broken(bench, GetParam().told);
}

TEST_F(WorkerProtocolTest, WorkerThatNeverGetsReadyIsKilled) {
  for (const std::string misdeed : {"start:silence", "start:half a frame and silence"}) {
    ExecutorBench bench(workers(misdeed, Bad::kAll,
                                [](exec::ProcessExecutor::Options& options) { options.worker.start_timeout = 20ms; }),
                        {.max_workers = 1});
    expect_broken(bench, "did not get ready within its start_timeout");
  }
}

// --- Ready, but of no use: what the worker has not begun runs elsewhere, unless no worker is better.

class WorkerEarlyFaultTest : public WorkerProtocolTest {};
INSTANTIATE_TEST_SUITE_P(
    Faults, WorkerEarlyFaultTest,
    ::testing::Values(Fault{"idle:ready twice", "it was ready twice"},
                      Fault{"idle:results", "broke the worker protocol"},
                      Fault{"idle:started", "broke the worker protocol"},
                      Fault{"idle:progress", "broke the worker protocol"},
                      Fault{"idle:garbage", "a frame announces 4294967295 bytes"},
                      Fault{"idle:exit", "exited with code 9"}, Fault{"idle:hangs up", "closed its socket"},
                      Fault{"early:result", "it sent a result of task 0 of batch 1, which it had not begun"},
                      Fault{"early:no start", "it sent a result of task 0 of batch 1, which it had not begun"},
                      Fault{"early:garbage", "a frame announces 4294967295 bytes"},
                      Fault{"early:started", "it sent `started` though it uses the ledger"},
                      Fault{"early:progress", "it reported progress of task 0 of batch 1, which does not run"},
                      Fault{"early:no results", "it sent 0 results from task 0 of batch 1"},
                      Fault{"early:skipped", "it skipped task 0 of batch 1 unasked"},
                      Fault{"early:exit", "exited with code 9"}, Fault{"early:silence", "did not begin its next task"}),
    [](const auto& fault) { return (fault.param.misdeed.starts_with("idle") ? "Idle" : "Early") + name_of(fault); });

// With those who would be waited for, and nobody else: on a busy machine others may take as long for what they do.
ChangeOptions patience_with(const Fault& fault) {
  if (!fault.misdeed.ends_with("silence")) return nullptr;
  return [](exec::ProcessExecutor::Options& options) { options.worker.stop_timeout = 500ms; };
}

TEST_P(WorkerEarlyFaultTest, TaskRunsInAnother) {
  ExecutorBench bench(workers(GetParam().misdeed, Bad::kFirst, patience_with(GetParam())), {.max_workers = 1});
  expect_work(bench);
  EXPECT_THAT(log_->with(GetParam().told), HasSubstr(GetParam().told));
}

TEST_P(WorkerEarlyFaultTest, TasksFailWhenThereAreOnlySuchWorkers) {
  ExecutorBench bench(workers(GetParam().misdeed, Bad::kAll, patience_with(GetParam())), {.max_workers = 1});
  expect_broken(bench, GetParam().told);
}

// --- While a task runs.

class WorkerTaskFaultTest : public WorkerProtocolTest {};
INSTANTIATE_TEST_SUITE_P(
    Faults, WorkerTaskFaultTest,
    ::testing::Values(
        Fault{"task:garbage", "a frame announces"}, Fault{"task:empty frame", "a frame announces 0 bytes"},
        Fault{"task:largest frame", "a frame announces 4294967295 bytes; 1 to 2097152 are allowed"},
        Fault{"task:no message", "a message of 3 bytes does not parse"},
        Fault{"task:unknown content", "a message of 3 bytes has no known content"},
        Fault{"task:ready", "it was ready twice"},
        Fault{"task:unknown task", "it sent 1 results from task 5 of batch 1, which are not the next"},
        Fault{"task:unknown batch", "it sent 1 results from task 0 of batch 2, which are not the next"},
        Fault{"task:too many results", "it sent 301 results from task 0 of batch 1, which are not the next"},
        Fault{"task:no outcome", "it sent a result without an outcome of task 0 of batch 1"},
        Fault{"task:no results", "it sent 0 results from task 0 of batch 1"},
        Fault{"task:started", "it sent `started` though it uses the ledger"},
        Fault{"task:started twice", "it started task 0 of batch 1 twice"},
        Fault{"task:progress of another", "it reported progress of task 1 of batch 1, which does not run"},
        Fault{"task:progress of another batch", "it reported progress of task 0 of batch 2, which does not run"},
        Fault{"task:progress that is no text", "a message of 5 bytes does not parse"},
        Fault{"task:skipped", "it skipped task 0 of batch 1 unasked"},
        Fault{"task:half a frame and exit", "exited with code 7"}, Fault{"task:hangs up", "closed its socket"}),
    name_of);

TEST_P(WorkerTaskFaultTest, FailsItsTaskAlone) {
  ExecutorBench bench(workers(GetParam().misdeed, Bad::kFirst), {.max_workers = 1});
  const core::FutureId victim = bench.submit(kEcho, "victim");
  const core::FutureId next = bench.submit(kEcho, "next");
  const core::Error error = bench.error(victim);
  EXPECT_EQ(error.origin, core::Origin::kWorker);
  const bool protocol = log_->with(GetParam().told).find("broke the worker protocol") != std::string::npos;
  EXPECT_EQ(error.type, protocol ? "WorkerProtocolError" : "WorkerLost");
  EXPECT_EQ(error.attempt, 1U);
  EXPECT_EQ(error.worker, "process-1");
  EXPECT_THAT(error.message, HasSubstr(GetParam().told));
  EXPECT_EQ(bench.value<std::string>(next), "next");
  expect_work(bench);
}

TEST_F(WorkerProtocolTest, SilentWorkerIsKilledWhenTheTimeOfItsTaskIsUp) {
  ExecutorBench bench(workers("task:half a frame and silence", Bad::kFirst), {.max_workers = 1});
  bench.timeout = 10ms;
  const core::Outcome outcome = bench.outcome(bench.submit(kEcho, "victim"));
  bench.timeout = core::Duration(-1);
  ASSERT_NE(outcome.error, nullptr);
  EXPECT_EQ(outcome.error->origin, core::Origin::kTimeout);
  expect_work(bench);
}

TEST_F(WorkerProtocolTest, FloodDoesNotKeepTheDaemonFromKillingIt) {
  ExecutorBench bench(workers("task:flood", Bad::kFirst), {.max_workers = 1});
  const core::FutureId victim = bench.submit(kEcho, "victim");
  EXPECT_THAT(log_->with("a line"), HasSubstr("a line"));
  bench.table.cancel(core::kDaemonAccount, {&victim, 1}, core::CancelMode::kForce, 0ms);
  EXPECT_EQ(bench.outcome(victim).state, core::State::kCancelled);
  expect_work(bench);
}

TEST_F(WorkerProtocolTest, FloodOfProgressIsShownAndDoesNotKeepTheDaemonFromKillingIt) {
  ExecutorBench bench(workers("task:flood of progress", Bad::kFirst), {.max_workers = 1});
  const core::FutureId victim = bench.submit(kEcho, "victim");
  EXPECT_TRUE(eventually([&] {
    return bench.table.get(core::kDaemonAccount, {&victim, 1}).front()->progress.has_value();
  }));
  bench.table.cancel(core::kDaemonAccount, {&victim, 1}, core::CancelMode::kForce, 0ms);
  EXPECT_EQ(bench.outcome(victim).state, core::State::kCancelled);
  EXPECT_FALSE(bench.table.get(core::kDaemonAccount, {&victim, 1}).front()->progress);
  expect_work(bench);
}

// --- Behind a result: that stands.

class WorkerLateFaultTest : public WorkerProtocolTest {};
INSTANTIATE_TEST_SUITE_P(Faults, WorkerLateFaultTest,
                         ::testing::Values(Fault{"done:twice", "broke the worker protocol"},
                                           Fault{"done:twice, the second as of the next batch",
                                                 "broke the worker protocol"},
                                           Fault{"done:progress", "broke the worker protocol"},
                                           Fault{"done:garbage", "a frame announces 4294967295 bytes"}),
                         name_of);

TEST_P(WorkerLateFaultTest, FirstResultStandsAndTheWorkerEnds) {
  ExecutorBench bench(workers(GetParam().misdeed, Bad::kFirst), {.max_workers = 1});
  EXPECT_EQ(bench.value<std::string>(bench.submit(kEcho, "first")), "first");
  EXPECT_THAT(log_->with(GetParam().told), HasSubstr(GetParam().told));
  expect_work(bench);
}

}  // namespace
}  // namespace futured::testing
