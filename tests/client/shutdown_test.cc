// Semantics of shutdown() and of the destructor.
#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "tests/client/daemon.h"

namespace futured::testing {
namespace {

using namespace std::chrono_literals;

class ShutdownTest : public ::testing::Test {
 protected:
  // One running, `pending` waiting behind it.
  std::vector<Future<std::int64_t>> fill(Executor& executor, int pending) {
    std::vector<Future<std::int64_t>> futures{executor.submit(pass_gate, -1)};
    EXPECT_TRUE(daemon_.gate.wait_for_arrivals(1));
    for (int i = 0; i < pending; ++i) futures.push_back(executor.submit(square, i));
    return futures;
  }

  Daemon daemon_;
  Executor executor_{daemon_.address(), {.max_workers = 1}};
};

// semantics 48, 50
TEST_F(ShutdownTest, WithoutWaitReturnsAtOnceAndPendingOnesStillRun) {
  const auto futures = fill(executor_, 10);
  executor_.shutdown(false);
  EXPECT_FALSE(futures.front().done());
  daemon_.gate.open();
  EXPECT_EQ(futures.back().result(20s), 81);
  EXPECT_EQ(futures.front().result(20s), -1);
}

// semantics 49, 61
TEST_F(ShutdownTest, WithWaitReturnsWhenAllOutcomesAreHere) {
  const auto futures = fill(executor_, 10);
  std::thread opener([this] { daemon_.gate.open(); });
  executor_.shutdown();
  opener.join();
  for (const auto& future : futures) EXPECT_TRUE(future.done());
  EXPECT_EQ(futures.back().result(0s), 81);
}

// semantics 51, 52, 53
TEST_F(ShutdownTest, CancelFuturesCancelsWhatHasNotBegunAndTellsWaiters) {
  const auto futures = fill(executor_, 10);
  executor_.shutdown(false, {.cancel_futures = true});
  const std::vector pending(futures.begin() + 1, futures.end());
  const auto [done, not_done] = wait(pending, {.timeout = 20s});
  EXPECT_EQ(done.size(), 10U);
  EXPECT_TRUE(not_done.empty());
  int cancelled = 0;
  for (auto& future : as_completed(pending, 0s)) cancelled += future.cancelled() ? 1 : 0;
  EXPECT_EQ(cancelled, 10);
  EXPECT_FALSE(futures.front().done());
  daemon_.gate.open();
  EXPECT_EQ(futures.front().result(20s), -1);
  EXPECT_EQ(daemon_.calls(), 1);
}

// semantics 51: as in one process, nothing is left pending when it returns
TEST_F(ShutdownTest, CancelFuturesReturnsWhenTheDaemonHasCancelled) {
  const auto futures = fill(executor_, 10);
  executor_.shutdown(false, {.cancel_futures = true});
  EXPECT_EQ(daemon_.unfinished(), 1U);
  daemon_.gate.open();
}

// semantics 51
TEST_F(ShutdownTest, CancelFuturesWithWaitWaitsForRunningOnes) {
  const auto futures = fill(executor_, 10);
  std::thread opener([&] {
    EXPECT_EQ(wait(std::vector(futures.begin() + 1, futures.end()), {.timeout = 20s}).done.size(), 10U);
    daemon_.gate.open();
  });
  executor_.shutdown(true, {.cancel_futures = true});
  opener.join();
  EXPECT_EQ(futures.front().result(0s), -1);
  EXPECT_TRUE(futures.back().cancelled());
}

// semantics 54, 55
TEST_F(ShutdownTest, MayBeCalledAgainWithOtherArguments) {
  const auto futures = fill(executor_, 10);
  executor_.shutdown(false);
  executor_.shutdown(false);
  EXPECT_FALSE(futures.back().done());
  executor_.shutdown(false, {.cancel_futures = true});
  EXPECT_THROW((void)futures.back().result(20s), CancelledError);
  daemon_.gate.open();
  executor_.shutdown(true);
  EXPECT_TRUE(futures.front().done());
  executor_.shutdown(true);
}

// semantics 48: the daemon's executor serves others
TEST_F(ShutdownTest, DoesNotTouchOtherExecutors) {
  Executor other(daemon_.address());
  executor_.shutdown();
  EXPECT_EQ(other.submit(square, 3).result(20s), 9);
}

// semantics 58
TEST_F(ShutdownTest, OfANeverUsedExecutorNeedsNoDaemon) {
  Executor unused("127.0.0.1:1");
  unused.shutdown();
  const Executor destroyed("127.0.0.1:1");
}

// semantics 59
TEST_F(ShutdownTest, LeavingTheScopeWaits) {
  std::vector<Future<std::int64_t>> futures;
  std::thread opener;
  {
    Executor executor(daemon_.address(), {.max_workers = 1});
    futures = fill(executor, 10);
    opener = std::thread([this] { daemon_.gate.open(); });
  }
  opener.join();
  for (const auto& future : futures) EXPECT_TRUE(future.done());
}

// semantics 59
TEST_F(ShutdownTest, LeavingTheScopeByAnExceptionWaitsAndCancelsNothing) {
  Future<std::int64_t> future;
  daemon_.gate.open();
  try {
    Executor executor(daemon_.address());
    future = executor.submit(pass_gate, 1);
    throw std::runtime_error("on the way");
  } catch (const std::runtime_error&) {
  }
  EXPECT_EQ(future.result(0s), 1);
}

TEST_F(ShutdownTest, AMovedFromExecutorDoesNothing) {
  auto first = std::make_unique<Executor>(daemon_.address());
  const auto future = first->submit(pass_gate, 1);
  Executor second = std::move(*first);
  first.reset();
  EXPECT_FALSE(future.done());
  EXPECT_EQ(second.submit(square, 2).result(20s), 4);
  daemon_.gate.open();
  second = Executor(daemon_.address());
  EXPECT_EQ(future.result(0s), 1);
  EXPECT_EQ(second.submit(square, 3).result(20s), 9);
}

TEST_F(ShutdownTest, SubmittersOfADestroyedExecutorAreRefused) {
  auto executor = std::make_unique<Executor>(daemon_.address());
  const Submitter submitter = executor->with({.timeout = 10s});
  EXPECT_EQ(submitter.submit(square, 2).result(20s), 4);
  executor.reset();
  EXPECT_THROW((void)submitter.submit(square, 2), ShutdownError);
}

TEST_F(ShutdownTest, AttachedFuturesAreNotWaitedFor) {
  const auto futures = fill(executor_, 0);
  Future<std::int64_t> attached;
  {
    Executor other(daemon_.address());
    attached = other.attach<std::int64_t>(futures.front().id());
    EXPECT_EQ(other.submit(square, 2).result(20s), 4);
  }
  EXPECT_THROW((void)attached.result(20s), BrokenExecutor);
  daemon_.gate.open();
}

}  // namespace
}  // namespace futured::testing
