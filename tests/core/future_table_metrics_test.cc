// FutureTable: what it can be watched by.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

#include "server/core/future_table.h"
#include "tests/core/test_table.h"

namespace futured::core {
namespace {

using testing::failure_of;
using testing::RecordingSubscriber;
using testing::shared;
using testing::TestTable;
using namespace std::chrono_literals;

// Of a function that is known; empty: of the others.
FunctionLatencies latencies_of(const TestTable& t, std::string_view function) {
  const TableMetrics metrics = t.table.metrics();
  return *std::ranges::find(metrics.functions, function, &FunctionLatencies::function);
}

ExecutorMetrics executor_of(const TestTable& t) { return t.table.metrics().executors.front(); }

std::uint64_t in_seconds(std::uint64_t nanoseconds) { return nanoseconds / 1'000'000'000; }

TEST(FutureTableMetricsTest, TimesOfAnAttemptAreCountedAtItsEnd) {
  TestTable t;
  ASSERT_TRUE(t.submit({1}));
  t.time.advance(3s);
  const auto lease = t.executor.come();
  t.executor.begin(*lease, 0);
  t.time.advance(5s);
  EXPECT_EQ(latencies_of(t, "plain").ran.sum(), 0U);
  t.executor.end(*lease, 0, Outcome::cancelled());
  t.executor.exchange(lease);
  const FunctionLatencies latencies = latencies_of(t, "plain");
  EXPECT_EQ(in_seconds(latencies.queued.sum()), 3U);
  EXPECT_EQ(in_seconds(latencies.ran.sum()), 5U);
  EXPECT_EQ(latencies_of(t, "other").ran.sum(), 0U);
}

TEST(FutureTableMetricsTest, UnknownFunctionsAreCountedTogether) {
  TestTable t;
  for (std::uint64_t i = 1; i <= 3; ++i) t.submit_and_run(i, {.function = i == 1 ? "made.up" : "made.up.too"});
  EXPECT_EQ(t.table.metrics().functions.size(), 4U) << "three that it knows, and the others";
  EXPECT_EQ(latencies_of(t, "").ran.count(0), 3U);
}

TEST(FutureTableMetricsTest, DelayIsNoTimeInTheQueue) {
  TestTable t;
  ASSERT_TRUE(t.submit({1}, {.policy = shared({.delay = 10s})}));
  EXPECT_EQ(executor_of(t).delayed, 1U);
  EXPECT_EQ(executor_of(t).oldest_pending, std::nullopt);
  t.time.advance(12s);
  EXPECT_EQ(executor_of(t).oldest_pending, 2s);
  t.run_one();
  EXPECT_EQ(in_seconds(latencies_of(t, "plain").queued.sum()), 2U);
  EXPECT_EQ(executor_of(t).delayed, 0U);
}

TEST(FutureTableMetricsTest, NextAttemptWaitsSinceItsBackOffIsOver) {
  TestTable t;
  ASSERT_TRUE(t.submit({1}, {.policy = shared({.max_attempts = 2, .retry_delay = 10s, .retry_jitter = 0})}));
  t.run_one(failure_of("Broken"));
  EXPECT_EQ(executor_of(t).retried, 1U);
  t.time.advance(11s);
  EXPECT_EQ(executor_of(t).oldest_pending, 1s);
}

TEST(FutureTableMetricsTest, TaskThatIsTakenBackHasWaitedAllTheTime) {
  TestTable t({.max_workers = 2});
  t.learn_that_it_is_quick();
  ASSERT_TRUE(t.submit({1, 2}, {.policy = shared({.delay = 1s})}));
  t.time.advance(2s);
  const auto lease = t.executor.come();
  ASSERT_EQ(lease->size(), 2U);
  t.executor.begin(*lease, 0);
  EXPECT_EQ(executor_of(t).oldest_pending, std::nullopt);
  t.time.advance(2s);
  EXPECT_EQ(executor_of(t).oldest_pending, 3s);
}

TEST(FutureTableMetricsTest, OldestOfAllPrioritiesCounts) {
  TestTable t;
  const auto busy = t.submit_and_take(1);
  ASSERT_TRUE(t.submit({2}));
  t.time.advance(5s);
  ASSERT_TRUE(t.submit({3}, {.policy = shared({.priority = 10})}));
  t.time.advance(1s);
  EXPECT_EQ(executor_of(t).oldest_pending, 6s);
  EXPECT_EQ(executor_of(t).snapshot.pending, 2U);
}

TEST(FutureTableMetricsTest, FailuresAreCountedByOrigin) {
  TestTable t;
  t.submit_and_run(1, {}, failure_of("Broken"));
  t.submit_and_run(2, {}, failure_of("Lost", Origin::kWorker));
  t.submit_and_run(3, {}, failure_of("Lost", Origin::kWorker));
  const auto failures = executor_of(t).failures;
  EXPECT_EQ(failures[static_cast<std::size_t>(Origin::kTask)], 1U);
  EXPECT_EQ(failures[static_cast<std::size_t>(Origin::kWorker)], 2U);
  EXPECT_EQ(executor_of(t).snapshot.failed, 3U);
}

TEST(FutureTableMetricsTest, LateOutcomeCountsAsATimeThatItsWorkerWasBusy) {
  TestTable t;
  const auto lease = t.submit_and_take(1, {.timeout = 5s});
  t.executor.begin(*lease, 0);
  t.time.advance(8s);
  t.executor.end(*lease, 0, Outcome::cancelled());
  t.executor.exchange(lease);
  EXPECT_EQ(t.table.metrics().stats.late, 1U);
  EXPECT_EQ(in_seconds(latencies_of(t, "plain").ran.sum()), 8U);
}

TEST(FutureTableMetricsTest, OutcomeThatNobodyHasReadIsUndelivered) {
  TestTable t;
  const auto watcher = RecordingSubscriber::add(t.table);
  t.submit_and_run(1, {.watcher = watcher->id()});
  EXPECT_EQ(t.table.metrics().stats.owed, 1U);
  watcher->drain(t.table);
  EXPECT_EQ(t.table.metrics().stats.owed, 0U);
  EXPECT_EQ(t.table.metrics().stats.retained, 1U);
}

TEST(FutureTableMetricsTest, DrainIsShown) {
  TestTable t;
  EXPECT_FALSE(t.table.metrics().draining);
  t.table.drain_all();
  EXPECT_TRUE(t.table.metrics().draining);
}

}  // namespace
}  // namespace futured::core
