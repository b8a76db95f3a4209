// Semantics of Future: states, results, cancelling.
#include "futured/future.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <thread>
#include <unordered_set>
#include <vector>

#include "tests/client/daemon.h"
#include "tests/support/eventually.h"

namespace futured::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

class FutureTest : public ::testing::Test {
 protected:
  Daemon daemon_;
  Executor executor_{daemon_.address(), {.max_workers = 1}};

  // Keeps the only worker busy until the gate is opened.
  Future<std::int64_t> occupy() {
    auto busy = executor_.submit(pass_gate, 7);
    EXPECT_TRUE(daemon_.gate.wait_for_arrivals(1));
    return busy;
  }
};

// semantics 103, 110
TEST_F(FutureTest, GoesFromPendingByRunningToDone) {
  const auto running = occupy();
  const auto pending = executor_.submit(square, 2);
  EXPECT_FALSE(pending.running());
  EXPECT_FALSE(pending.done());
  // The daemon tells of a start only when it lasts; an answer of its own shows that the news had the time.
  EXPECT_FALSE(running.cancel());
  while (!running.running()) std::this_thread::yield();
  daemon_.gate.open();
  EXPECT_EQ(running.result(20s), 7);
  EXPECT_TRUE(running.done());
  EXPECT_FALSE(running.running());
  EXPECT_FALSE(running.cancelled());
}

// semantics 104, 105, 107, 88
TEST_F(FutureTest, CancelOfAPendingOneKeepsItFromRunning) {
  const auto busy = occupy();
  const auto pending = executor_.submit(square, 2);
  EXPECT_TRUE(pending.cancel());
  EXPECT_TRUE(pending.cancelled());
  EXPECT_TRUE(pending.done());
  EXPECT_TRUE(pending.cancel());
  EXPECT_THROW((void)pending.result(), CancelledError);
  EXPECT_THROW((void)pending.exception(), CancelledError);
  daemon_.gate.open();
  EXPECT_EQ(busy.result(20s), 7);
  EXPECT_EQ(executor_.submit(square, 3).result(20s), 9);
  EXPECT_EQ(daemon_.calls(), 2);
}

// semantics 104
TEST_F(FutureTest, CancelOfARunningOrFinishedOneIsFalseAndChangesNothing) {
  const auto running = occupy();
  EXPECT_FALSE(running.cancel());
  daemon_.gate.open();
  EXPECT_EQ(running.result(20s), 7);
  EXPECT_FALSE(running.cancel());
  EXPECT_FALSE(running.cancelled());
  EXPECT_EQ(running.result(), 7);
}

// semantics 106
TEST_F(FutureTest, CancelThatRacesWithTheStartHasOneWinner) {
  int cancelled = 0;
  constexpr int kRounds = 300;
  for (int i = 0; i < kRounds; ++i) {
    const auto future = executor_.submit(square, i);
    if (future.cancel()) {
      EXPECT_THROW((void)future.result(20s), CancelledError);
      ++cancelled;
    } else {
      EXPECT_EQ(future.result(20s), i * i);
    }
  }
  EXPECT_EQ(daemon_.calls() + cancelled, kRounds);
}

// semantics 108
TEST_F(FutureTest, CancelWakesWaiters) {
  const auto busy = occupy();
  const auto pending = executor_.submit(square, 2);
  std::thread waiter([&] { EXPECT_THROW((void)pending.result(20s), CancelledError); });
  EXPECT_TRUE(pending.cancel());
  waiter.join();
  daemon_.gate.open();
}

// semantics 109
TEST_F(FutureTest, CancelledOneIsDoneForWaitAndAsCompletedAtOnce) {
  const auto busy = occupy();
  const std::vector pending{executor_.submit(square, 2)};
  EXPECT_TRUE(pending.front().cancel());
  EXPECT_EQ(wait(pending, {.timeout = 0s}).done, pending);
  for (auto& future : as_completed(pending, 0s)) EXPECT_TRUE(future.cancelled());
  EXPECT_FALSE(busy.done());
  daemon_.gate.open();
}

TEST_F(FutureTest, RequestToStopEndsARunningFunction) {
  const auto stopped = executor_.submit(wait_for_stop);
  ASSERT_TRUE(daemon_.gate.wait_for_arrivals(1));
  EXPECT_FALSE(stopped.cancel());
  EXPECT_TRUE(stopped.request_stop());
  EXPECT_THROW(stopped.result(20s), CancelledError);
  EXPECT_TRUE(stopped.cancelled());
}

TEST_F(FutureTest, KillOnThreadsIsARequestToStop) {
  const auto stopped = executor_.submit(wait_for_stop);
  ASSERT_TRUE(daemon_.gate.wait_for_arrivals(1));
  EXPECT_TRUE(stopped.kill());
  EXPECT_THROW(stopped.result(20s), CancelledError);
}

TEST_F(FutureTest, KillOfAPendingOneKeepsItFromRunning) {
  const auto busy = occupy();
  const auto pending = executor_.submit(square, 2);
  EXPECT_TRUE(pending.kill(1h));
  EXPECT_TRUE(pending.cancelled());
  daemon_.gate.open();
  EXPECT_EQ(busy.result(20s), 7);
  EXPECT_FALSE(busy.kill());
  EXPECT_EQ(daemon_.calls(), 1);
}

TEST_F(FutureTest, KillRefusesAGraceOutOfRangeAndChangesNothing) {
  const auto busy = occupy();
  EXPECT_THROW((void)busy.kill(-1ms), std::invalid_argument);
  EXPECT_THROW((void)busy.kill(1h + 1ms), std::invalid_argument);
  daemon_.gate.open();
  EXPECT_EQ(busy.result(20s), 7);
}

// semantics 111, 112
TEST_F(FutureTest, TimeoutOfResultChangesNothing) {
  const auto busy = occupy();
  EXPECT_THROW((void)busy.result(0s), TimeoutError);
  EXPECT_THROW((void)busy.result(-1s), TimeoutError);
  EXPECT_THROW((void)busy.result(10ms), TimeoutError);
  EXPECT_THROW((void)busy.exception(10ms), TimeoutError);
  EXPECT_FALSE(busy.done());
  daemon_.gate.open();
  EXPECT_EQ(busy.result(20s), 7);
  EXPECT_EQ(busy.result(0s), 7);
  EXPECT_EQ(busy.result(-1s), 7);
}

// semantics 112
TEST_F(FutureTest, HugeTimeoutsMeanForEver) {
  const auto future = executor_.submit(square, 4);
  EXPECT_EQ(future.result(std::chrono::hours::max()), 16);
  EXPECT_EQ(executor_.submit(square, 5).result(std::chrono::duration<double>(1e20)), 25);
}

// semantics 114
TEST_F(FutureTest, ExceptionIsNullOnSuccess) {
  EXPECT_EQ(executor_.submit(square, 4).exception(20s), nullptr);
  EXPECT_NE(executor_.submit(fail, "x").exception(20s), nullptr);
}

// semantics 115, 116
TEST_F(FutureTest, EveryCallGivesTheSameObject) {
  const auto text = executor_.submit(echo, "hello");
  EXPECT_EQ(&text.result(20s), &text.result());
  const std::vector copies(2, text);
  EXPECT_EQ(&copies.back().result(), &text.result());
  const auto failed = executor_.submit(fail, "x");
  EXPECT_EQ(failed.exception(20s), failed.exception());
  try {
    failed.result();
    FAIL() << "no error";
  } catch (const TaskError&) {
    EXPECT_EQ(std::current_exception(), failed.exception());
  }
}

TEST_F(FutureTest, TemporaryHandleGivesACopy) {
  const std::string& text = executor_.submit(echo, "hello").result(20s);
  EXPECT_EQ(text, "hello");
}

// semantics 117
TEST_F(FutureTest, FunctionThatFailsByTimeoutOrCancellationHasFailed) {
  const auto timeout = executor_.submit(fail_by_timeout);
  const auto cancelled = executor_.submit(fail_by_cancelled);
  EXPECT_THROW(timeout.result(20s), TaskError);
  EXPECT_THROW(cancelled.result(20s), TaskError);
  EXPECT_FALSE(cancelled.cancelled());
  EXPECT_NE(cancelled.exception(), nullptr);
}

// semantics 118
TEST_F(FutureTest, NothingIsAResult) {
  const auto future = executor_.submit(nothing);
  future.result(20s);
  EXPECT_TRUE(future.done());
  EXPECT_EQ(future.exception(), nullptr);
}

// semantics 153
TEST_F(FutureTest, ErrorTellsTypeMessageAndCauses) {
  const auto future = executor_.submit(fail_nested);
  try {
    future.result(20s);
    FAIL() << "no error";
  } catch (const TaskError& error) {
    EXPECT_EQ(error.origin(), ErrorOrigin::kTask);
    EXPECT_THAT(error.type(), HasSubstr("runtime_error"));
    EXPECT_EQ(error.message(), "outer");
    EXPECT_EQ(error.what(), error.type() + ": outer");
    EXPECT_EQ(error.attempt(), 1U);
    ASSERT_NE(error.cause(), nullptr);
    EXPECT_EQ(error.cause()->message(), "inner");
    EXPECT_EQ(error.cause()->cause(), nullptr);
    EXPECT_THAT(error.report(), HasSubstr("caused by " + std::string(error.cause()->what())));
  }
}

// semantics 150
TEST_F(FutureTest, ValueOfAnotherTypeFailsItsOwnFutureOnly) {
  const auto wrong = executor_.submit<std::int64_t>("test.echo", "text");
  EXPECT_THROW((void)wrong.result(20s), CodecError);
  EXPECT_NE(wrong.exception(), nullptr);
  EXPECT_EQ(executor_.submit(echo, "text").result(20s), "text");
}

// semantics 120
TEST_F(FutureTest, AllWaitersOfOneFutureWake) {
  const auto busy = occupy();
  std::vector<std::thread> waiters;
  for (int i = 0; i < 16; ++i) {
    waiters.emplace_back([&] { EXPECT_EQ(busy.result(20s), 7); });
  }
  daemon_.gate.open();
  for (auto& waiter : waiters) waiter.join();
}

// semantics 121
TEST_F(FutureTest, IsAKeyByIdentity) {
  const auto first = executor_.submit(square, 1);
  const auto second = executor_.submit(square, 1);
  std::map<Future<std::int64_t>, int> ordered{{first, 1}, {second, 2}};
  EXPECT_EQ(ordered[first], 1);
  const std::unordered_set<Future<std::int64_t>> hashed{first, second, first};
  EXPECT_EQ(hashed.size(), 2U);
  EXPECT_NE(first, second);
  EXPECT_EQ(first, Future<std::int64_t>(first));
}

// semantics 122, as an ID instead of a pickle
TEST_F(FutureTest, AnotherSessionAttachesById) {
  const auto busy = occupy();
  Executor other(daemon_.address());
  const auto attached = other.attach<std::int64_t>(busy.id());
  EXPECT_EQ(attached.id(), busy.id());
  EXPECT_FALSE(attached.done());
  daemon_.gate.open();
  EXPECT_EQ(attached.result(20s), 7);
  EXPECT_EQ(attached.id(), busy.id());
}

TEST_F(FutureTest, AttachedOneCanBeCancelled) {
  const auto busy = occupy();
  const auto pending = executor_.submit(square, 2);
  // Only then can another session find it.
  ASSERT_TRUE(eventually([&] { return daemon_.unfinished() == 2; }));
  Executor other(daemon_.address());
  EXPECT_TRUE(other.attach<std::int64_t>(pending.id()).cancel());
  EXPECT_THROW((void)pending.result(20s), CancelledError);
  daemon_.gate.open();
}

// semantics 164
TEST_F(FutureTest, AttachingToAnUnknownIdFailsTheFuture) {
  const auto attached = executor_.attach<int>("00000000-0000-8000-8000-000000000001");
  try {
    (void)attached.result(20s);
    FAIL() << "no error";
  } catch (const UnknownFuture& error) {
    EXPECT_EQ(error.reason(), "FUTURE_UNKNOWN");
  }
  EXPECT_THROW((void)executor_.attach<int>("not an ID"), std::invalid_argument);
}

TEST_F(FutureTest, RetainedOutcomeIsThereForOthersLater) {
  const auto future = executor_.with({.retention = 60s}).submit(square, 9);
  EXPECT_EQ(future.result(20s), 81);
  Executor other(daemon_.address());
  EXPECT_EQ(other.attach<std::int64_t>(future.id()).result(20s), 81);
}

// semantics 61
TEST_F(FutureTest, OutlivesItsExecutor) {
  Future<std::string> future;
  {
    Executor executor(daemon_.address());
    future = executor.submit(echo, "hello");
  }
  EXPECT_TRUE(future.done());
  EXPECT_EQ(future.result(), "hello");
  EXPECT_FALSE(future.cancel());
  EXPECT_FALSE(future.id().empty());
}

}  // namespace
}  // namespace futured::testing
