// Futures and executors on worker processes of the real daemon.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include "futured/futured.h"
#include "server/exec/process/pidfd.h"
#include "tests/exec/conformance_functions.h"
#include "tests/exec/fault_functions.h"
#include "tests/support/daemon_process.h"

namespace futured::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

// Of a future that has failed.
template <class R>
TaskError error_of(const Future<R>& future) {
  try {
    future.result(kPatience);
  } catch (const TaskError& error) {
    return error;
  }
  ADD_FAILURE() << "it has not failed";
  return TaskError({});
}

class ProcessTest : public ::testing::Test {
 protected:
  DaemonProcess daemon_{{"--plugins=" FUTURED_CONFORMANCE_PLUGIN, "--executor=cpu.kind=process",
                         "--executor=cpu.max_workers=1", "--executor=thread.kind=thread"}};
  const std::string address_ = daemon_.address();
  Executor executor_{address_, {.executor = "cpu"}};
  Rendezvous rendezvous_;

  // The pid that a function announces.
  pid_t arrival() {
    const auto pid = rendezvous_.arrival();
    EXPECT_TRUE(pid);
    return std::stoi(pid.value_or("0"));
  }
};

TEST_F(ProcessTest, KillEndsAFunctionThatNeverReturns) {
  const auto spinning = executor_.submit(kSpin, rendezvous_.path());
  const pid_t worker = arrival();
  EXPECT_FALSE(spinning.cancel());
  EXPECT_TRUE(spinning.kill());
  EXPECT_THROW(spinning.result(kPatience), CancelledError);
  EXPECT_TRUE(spinning.cancelled());
  EXPECT_EQ(::kill(worker, 0), -1) << "its process is still there";
  EXPECT_EQ(executor_.submit(kAdd, 1, 2).result(kPatience), 3);
}

TEST_F(ProcessTest, KillEndsWhatTheFunctionHasStarted) {
  const auto parent = executor_.submit(kParent, rendezvous_.path());
  const exec::UniqueFd child = exec::open_pidfd(arrival());
  EXPECT_TRUE(parent.kill());
  EXPECT_THROW(parent.result(kPatience), CancelledError);
  pollfd ended{child.get(), POLLIN, 0};
  EXPECT_EQ(::poll(&ended, 1, static_cast<int>(std::chrono::milliseconds(kPatience).count())), 1);
}

TEST_F(ProcessTest, KillLeavesTimeToStop) {
  const auto polite = executor_.submit(kHoldAndReturn, rendezvous_.path(), "polite");
  EXPECT_EQ(rendezvous_.arrival(), "polite");
  EXPECT_TRUE(polite.kill(1h));
  EXPECT_EQ(polite.result(kPatience), "stopped");
}

TEST_F(ProcessTest, KillOfAnAttachedOneEndsItForBoth) {
  const auto spinning = executor_.submit(kSpin, rendezvous_.path());
  arrival();
  Executor other(address_);
  EXPECT_TRUE(other.attach<void>(spinning.id()).kill());
  EXPECT_THROW(spinning.result(kPatience), CancelledError);
}

// semantics 92
TEST_F(ProcessTest, TerminateWorkersFailsWhatRunsAndCancelsWhatIsPending) {
  const auto running = executor_.submit(kHold, rendezvous_.path(), "running");
  EXPECT_EQ(rendezvous_.arrival(), "running");
  const auto pending = executor_.submit(kAdd, 1, 2);
  executor_.terminate_workers();
  const TaskError error = error_of(running);
  EXPECT_EQ(error.origin(), ErrorOrigin::kWorker);
  EXPECT_THAT(error.message(), HasSubstr("SIGTERM"));
  EXPECT_THROW((void)pending.result(kPatience), CancelledError);
  EXPECT_THROW((void)executor_.submit(kAdd, 1, 2), ShutdownError);
}

// semantics 93
TEST_F(ProcessTest, KillWorkersLeavesOthersTasksToNewWorkers) {
  const auto running = executor_.submit(kHold, rendezvous_.path(), "running");
  EXPECT_EQ(rendezvous_.arrival(), "running");
  Executor other(address_, {.executor = "cpu"});
  const auto pending = other.submit(kAdd, 1, 2);
  executor_.kill_workers();
  EXPECT_THAT(error_of(running).message(), HasSubstr("SIGKILL"));
  EXPECT_EQ(pending.result(kPatience), 3);
}

TEST_F(ProcessTest, EndingWorkersIsAboutTheDefaultExecutorWhenNoneIsNamed) {
  Executor executor(address_);
  const auto spinning = executor.submit(kSpin, rendezvous_.path());
  arrival();
  executor.kill_workers();
  EXPECT_EQ(error_of(spinning).origin(), ErrorOrigin::kWorker);
}

TEST_F(ProcessTest, EndingWorkersOfThreadsIsRefused) {
  Executor threads(address_, {.executor = "thread"});
  try {
    threads.kill_workers();
    FAIL() << "no error";
  } catch (const Refused& error) {
    EXPECT_EQ(error.reason(), "EXECUTOR_HAS_NO_PROCESSES");
  }
  EXPECT_THROW(Executor(address_, {.executor = "nope"}).terminate_workers(), BrokenExecutor);
}

TEST_F(ProcessTest, EndingWorkersOfADaemonThatIsGoneIsAConnectionLost) {
  daemon_.send(SIGKILL);
  EXPECT_TRUE(daemon_.exit_code());
  Executor executor(address_, {.reconnect_timeout = std::chrono::milliseconds(200)});
  EXPECT_THROW(executor.terminate_workers(), ConnectionLost);
}

}  // namespace
}  // namespace futured::testing
