// FutureTable: what workers are lent, and what they bring back.
#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "server/core/future_table.h"
#include "tests/core/test_table.h"

namespace futured::core {
namespace {

using testing::counters_of;
using testing::TestTable;
using Counters = std::vector<std::uint64_t>;
using namespace std::chrono_literals;

// Lets one call of the function take so long.
void teach(TestTable& t, std::string_view function, Duration taken) {
  const auto lease = t.submit_and_take(999, {.function = function});
  t.executor.begin(*lease, 0);
  t.time.advance(taken);
  t.executor.end(*lease, 0);
  t.executor.exchange(lease);
  t.forget(999);
}

Counters counting(std::uint64_t first, std::size_t count) {
  Counters counters(count);
  std::iota(counters.begin(), counters.end(), first);
  return counters;
}

TEST(FutureTableLeaseTest, FunctionNeverCalledGoesAlone) {
  TestTable t;
  ASSERT_TRUE(t.submit({1, 2}));
  EXPECT_EQ(counters_of(*t.executor.come()), (Counters{1}));
}

TEST(FutureTableLeaseTest, QuickTasksAreLentTogetherUpToALimit) {
  TestTable t;
  t.learn_that_it_is_quick();
  ASSERT_TRUE(t.submit(counting(1, 300)));
  auto lease = t.executor.come();
  EXPECT_EQ(counters_of(*lease), counting(1, 256));
  lease = t.executor.run(lease);
  EXPECT_EQ(counters_of(*lease), counting(257, 44));
  EXPECT_EQ(t.executor.run(lease), nullptr);
}

TEST(FutureTableLeaseTest, LeaseIsExpectedToTake100Microseconds) {
  TestTable t;
  teach(t, "plain", 30us);
  ASSERT_TRUE(t.submit(counting(1, 10)));
  EXPECT_EQ(counters_of(*t.executor.come()), (Counters{1, 2, 3}));
}

TEST(FutureTableLeaseTest, SlowTaskGoesAlone) {
  TestTable t;
  teach(t, "plain", 10ms);
  ASSERT_TRUE(t.submit({1, 2}));
  EXPECT_EQ(counters_of(*t.executor.come()), (Counters{1}));
}

TEST(FutureTableLeaseTest, QuickTasksDoNotTakeASlowOneAlong) {
  TestTable t;
  t.learn_that_it_is_quick();
  teach(t, "other", 10ms);
  ASSERT_TRUE(t.submit({1, 2}));
  ASSERT_TRUE(t.submit({3}, {.function = "other"}));
  EXPECT_EQ(counters_of(*t.executor.come()), (Counters{1, 2}));
}

TEST(FutureTableLeaseTest, TaskWithTimeoutGoesAlone) {
  TestTable t({.max_workers = 2});
  t.learn_that_it_is_quick();
  ASSERT_TRUE(t.submit({1, 2}));
  ASSERT_TRUE(t.submit({3, 4}, {.timeout = 1s}));
  auto lease = t.executor.come();
  EXPECT_EQ(counters_of(*lease), (Counters{1, 2}));
  lease = t.executor.run(lease);
  EXPECT_EQ(counters_of(*lease), (Counters{3}));
}

TEST(FutureTableLeaseTest, NewestCallsDecideTheEstimate) {
  TestTable t;
  teach(t, "plain", 10ms);
  for (std::uint64_t i = 0; i < 40; ++i) t.submit_and_run(100 + i);
  ASSERT_TRUE(t.submit({1, 2, 3}));
  EXPECT_EQ(counters_of(*t.executor.come()), (Counters{1, 2, 3}));
}

TEST(FutureTableLeaseTest, WorkerThatLeavesSomeBehindWakesTheNext) {
  TestTable t({.max_workers = 3});
  ASSERT_TRUE(t.submit({1, 2, 3, 4}));
  for (const std::uint64_t counter : {1U, 2U, 3U}) {
    ASSERT_EQ(t.executor.woken(), 1U);
    EXPECT_EQ(counters_of(*t.executor.come()), (Counters{counter}));
  }
  EXPECT_EQ(t.executor.woken(), 0U);
}

TEST(FutureTableLeaseTest, QuickTaskIsLeftToAWorkerThatIsAboutToReturn) {
  TestTable t({.max_workers = 2});
  t.learn_that_it_is_quick();
  auto lease = t.submit_and_take(1);
  ASSERT_TRUE(t.submit({2}));
  EXPECT_EQ(t.executor.woken(), 0U);
  lease = t.executor.run(lease);
  EXPECT_EQ(counters_of(*lease), (Counters{2}));
}

TEST(FutureTableLeaseTest, LongQueueOfQuickTasksWakesASecondWorker) {
  TestTable t({.max_workers = 2});
  teach(t, "plain", 50us);
  const auto lease = t.submit_and_take(1);
  ASSERT_TRUE(t.submit({2}));
  ASSERT_TRUE(t.submit({3}));
  EXPECT_EQ(t.executor.woken(), 0U);
  ASSERT_TRUE(t.submit({4}));
  EXPECT_EQ(t.executor.woken(), 1U);
}

TEST(FutureTableLeaseTest, WorkerThatFindsNothingIsIdleAndMayBeWokenAgain) {
  TestTable t;
  for (std::uint64_t counter = 1; counter <= 3; ++counter) {
    ASSERT_TRUE(t.submit({counter}));
    ASSERT_EQ(t.executor.woken(), 1U);
    EXPECT_EQ(t.executor.run(t.executor.come()), nullptr);
  }
}

TEST(FutureTableLeaseTest, WorkerThatComesTooLateIsIdle) {
  TestTable t;
  ASSERT_TRUE(t.submit({1}));
  t.cancel(1);
  EXPECT_EQ(t.executor.come(), nullptr);
  ASSERT_TRUE(t.submit({2}));
  EXPECT_EQ(t.executor.woken(), 1U);
}

TEST(FutureTableLeaseTest, ExchangeReportsOutcomesAndTimes) {
  TestTable t;
  const Time submitted = t.time.now();
  const auto lease = t.submit_and_take(1);
  t.time.advance(10us);
  t.executor.begin(*lease, 0);
  t.time.advance(20us);
  t.executor.end(*lease, 0, Outcome::succeeded(Bytes("value")));
  EXPECT_EQ(t.state(1), State::kPending);
  t.executor.exchange(lease);
  const FutureSnapshot snapshot = t.snapshot(1);
  EXPECT_EQ(snapshot.state, State::kSucceeded);
  EXPECT_EQ(snapshot.outcome.value.view(), "value");
  EXPECT_EQ(snapshot.attempt, 1U);
  EXPECT_EQ(snapshot.submitted, submitted);
  EXPECT_EQ(snapshot.started, submitted + 10us);
  EXPECT_EQ(snapshot.finished, submitted + 30us);
}

TEST(FutureTableLeaseTest, FailureAndCancellationAreOutcomesLikeAnyOther) {
  TestTable t;
  t.submit_and_run(1, {}, Outcome::failed({Origin::kTask, "E", "message", "", nullptr, 1, "w"}));
  t.submit_and_run(2, {}, Outcome::cancelled());
  EXPECT_EQ(t.state(1), State::kFailed);
  EXPECT_EQ(t.snapshot(1).outcome.error->message, "message");
  EXPECT_EQ(t.state(2), State::kCancelled);
  const TableStats stats = t.table.stats();
  EXPECT_EQ(stats.failed, 1U);
  EXPECT_EQ(stats.cancelled, 1U);
  const ExecutorSnapshot executor = t.table.executors()[0];
  EXPECT_EQ(executor.failed, 1U);
  EXPECT_EQ(executor.cancelled, 1U);
}

TEST(FutureTableLeaseTest, LentTasksCountAsRunningUntilTheyAreGivenBack) {
  TestTable t;
  t.learn_that_it_is_quick();
  ASSERT_TRUE(t.submit({1, 2, 3}));
  EXPECT_EQ(t.table.executors()[0].pending, 3U);
  auto lease = t.executor.come();
  EXPECT_EQ(t.table.executors()[0].pending, 0U);
  EXPECT_EQ(t.table.executors()[0].running, 3U);
  EXPECT_EQ(t.table.stats().running, 3U);
  t.executor.run(lease);
  EXPECT_EQ(t.table.executors()[0].running, 0U);
  EXPECT_EQ(t.table.stats().running, 0U);
}

}  // namespace
}  // namespace futured::core
