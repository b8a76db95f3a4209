// FutureTable: attempts that follow a failure.
#include <gtest/gtest.h>

#include "server/core/future_table.h"
#include "server/core/retry.h"
#include "tests/core/test_table.h"

namespace futured::core {
namespace {

using testing::failure_of;
using testing::id_of;
using testing::RecordingSubscriber;
using testing::shared;
using testing::TestTable;
using namespace std::chrono_literals;

// One second after the first attempt, two after the second.
const TaskPolicy kThrice{.max_attempts = 3, .retry_jitter = 0};

TEST(FutureTableRetryTest, FailedAttemptIsFollowedByAnotherAfterTheDelay) {
  TestTable t;
  const auto watcher = RecordingSubscriber::add(t.table);
  const Time begun = t.time.now();
  t.submit_and_run(1, {.watcher = watcher->id(), .policy = shared(kThrice)}, failure_of("E"));
  const FutureSnapshot between = t.snapshot(1);
  EXPECT_EQ(between.state, State::kPending);
  EXPECT_EQ(between.attempt, 1U);
  EXPECT_EQ(between.due, begun + 1s);
  EXPECT_EQ(between.started, std::nullopt);
  ASSERT_NE(between.last_error, nullptr);
  EXPECT_EQ(between.last_error->type, "E");
  EXPECT_EQ(between.outcome.state, State::kPending);
  EXPECT_EQ(t.executor.woken(), 0U);
  EXPECT_EQ(t.table.executors()[0].pending, 1U);

  t.time.advance(1s);
  EXPECT_EQ(t.snapshot(1).due, std::nullopt);
  ASSERT_EQ(t.executor.woken(), 1U);
  const auto lease = t.executor.come();
  EXPECT_EQ((*lease)[0].attempt, 2U);
  t.executor.run(lease);
  EXPECT_EQ(t.state(1), State::kSucceeded);
  EXPECT_EQ(t.snapshot(1).attempt, 2U);
  EXPECT_EQ(t.snapshot(1).last_error, nullptr);
  EXPECT_EQ(watcher->drain(t.table).size(), 1U);
  EXPECT_EQ(t.table.stats().retried, 1U);
  EXPECT_EQ(t.table.stats().failed, 0U);
}

TEST(FutureTableRetryTest, LastAttemptDecides) {
  TestTable t;
  t.submit_and_run(1, {.policy = shared(kThrice)}, failure_of("First"));
  t.time.advance(1s);
  t.run_one(failure_of("Second"));
  t.time.advance(2s - 1ns);
  EXPECT_EQ(t.executor.woken(), 0U);
  t.time.advance(1ns);
  t.run_one(failure_of("Third"));
  const FutureSnapshot snapshot = t.snapshot(1);
  ASSERT_EQ(snapshot.state, State::kFailed);
  EXPECT_EQ(snapshot.outcome.error->type, "Third");
  EXPECT_EQ(snapshot.attempt, 3U);
}

// semantics 156
TEST(FutureTableRetryTest, WithoutAPolicyThereIsOneAttempt) {
  TestTable t;
  t.submit_and_run(1, {}, failure_of("WorkerLost", Origin::kWorker));
  EXPECT_EQ(t.state(1), State::kFailed);
}

TEST(FutureTableRetryTest, SuccessAndCancelAreFinal) {
  TestTable t;
  t.submit_and_run(1, {.policy = shared(kThrice)});
  t.submit_and_run(2, {.policy = shared(kThrice)}, Outcome::cancelled());
  EXPECT_EQ(t.state(1), State::kSucceeded);
  EXPECT_EQ(t.state(2), State::kCancelled);
}

TEST(FutureTableRetryTest, EachAttemptHasTheWholeTimeout) {
  TestTable t({.max_workers = 2});
  const auto first = t.submit_and_take(1, {.timeout = 5s, .policy = shared(kThrice)});
  t.executor.begin(*first, 0);
  t.time.advance(5s);
  EXPECT_EQ(t.state(1), State::kPending);
  EXPECT_EQ(t.snapshot(1).last_error->origin, Origin::kTimeout);
  EXPECT_EQ(t.executor.stops().size(), 1U);
  t.time.advance(1s);
  const auto second = t.executor.come();
  ASSERT_NE(second, nullptr);
  t.executor.begin(*second, 0);
  t.time.advance(5s - 1ns);
  EXPECT_EQ(t.state(1), State::kRunning);
  t.time.advance(1ns);
  EXPECT_EQ(t.state(1), State::kPending);
  EXPECT_EQ(t.snapshot(1).attempt, 2U);
}

TEST(FutureTableRetryTest, LateOutcomeOfAnOldAttemptChangesNothing) {
  TestTable t({.max_workers = 2});
  const auto first = t.submit_and_take(1, {.timeout = 5s, .policy = shared(kThrice)});
  t.executor.begin(*first, 0);
  t.time.advance(6s);
  const auto second = t.executor.come();
  ASSERT_EQ((*second)[0].id, id_of(1));
  // While the next attempt has been lent and not begun, and while it runs.
  t.executor.end(*first, 0, Outcome::succeeded(Bytes("late")));
  t.executor.exchange(first);
  EXPECT_EQ(t.state(1), State::kPending);
  EXPECT_EQ(t.table.stats().late, 1U);
  t.executor.begin(*second, 0);
  t.executor.end(*second, 0, Outcome::succeeded(Bytes("value")));
  t.executor.exchange(second);
  EXPECT_EQ(t.snapshot(1).outcome.value.view(), "value");
  EXPECT_EQ(t.table.stats().running, 0U);
}

TEST(FutureTableRetryTest, OldAttemptThatGoesOnDoesNotMakeTheNextOneRun) {
  TestTable t({.max_workers = 2});
  const auto first = t.submit_and_take(1, {.timeout = 5s, .policy = shared(kThrice)});
  t.executor.begin(*first, 0);
  t.time.advance(6s);
  const auto second = t.executor.come();
  t.executor.exchange(first);
  EXPECT_EQ(t.state(1), State::kPending);
}

TEST(FutureTableRetryTest, CancelBetweenAttemptsIsForGood) {
  TestTable t;
  t.submit_and_run(1, {.policy = shared(kThrice)}, failure_of("E"));
  EXPECT_EQ(t.cancel(1), CancelEffect::kCancelled);
  t.time.advance(1h);
  EXPECT_EQ(t.executor.woken(), 0U);
}

TEST(FutureTableRetryTest, WhatWasAskedToStopIsNotAttemptedAgain) {
  TestTable t;
  const auto lease = t.submit_and_take(1, {.policy = shared(kThrice)});
  t.executor.begin(*lease, 0);
  EXPECT_EQ(t.cancel(1, CancelMode::kCooperative), CancelEffect::kStopRequested);
  t.executor.end(*lease, 0, failure_of("E"));
  t.executor.exchange(lease);
  EXPECT_EQ(t.state(1), State::kFailed);
}

TEST(FutureTableRetryTest, CancelThatComesTooLateToStopItPreventsTheNextAttempt) {
  TestTable t;
  const auto lease = t.submit_and_take(1, {.policy = shared(kThrice)});
  t.executor.begin(*lease, 0);
  t.executor.end(*lease, 0, failure_of("E"));
  EXPECT_EQ(t.cancel(1), CancelEffect::kCancelled);
  t.executor.exchange(lease);
  EXPECT_EQ(t.state(1), State::kCancelled);
}

TEST(FutureTableRetryTest, RefusedCancelOfARunningOneLeavesItItsAttempts) {
  TestTable t;
  const auto lease = t.submit_and_take(1, {.policy = shared(kThrice)});
  t.executor.begin(*lease, 0);
  EXPECT_EQ(t.cancel(1), CancelEffect::kRunning);
  t.executor.end(*lease, 0, failure_of("E"));
  t.executor.exchange(lease);
  EXPECT_EQ(t.state(1), State::kPending);
}

TEST(FutureTableRetryTest, NoAttemptFollowsInADaemonThatEndsAndKeepsNothing) {
  TestTable t;
  const auto lease = t.submit_and_take(1, {.policy = shared(kThrice)});
  t.executor.begin(*lease, 0);
  t.table.drain_all();
  t.executor.end(*lease, 0, failure_of("E"));
  t.executor.exchange(lease);
  EXPECT_EQ(t.state(1), State::kFailed);
}

TEST(FutureTableRetryTest, CoroutineIsAttemptedAgain) {
  TestTable t;
  const auto lease = t.submit_and_take(1, {.function = "coroutine", .policy = shared(kThrice)});
  t.executor.begin(*lease, 0);
  t.executor.exchange(lease);
  EXPECT_EQ(t.state(1), State::kRunning);
  t.executor.finish(*lease, 0, failure_of("E"));
  EXPECT_EQ(t.state(1), State::kPending);
  t.time.advance(1s);
  ASSERT_EQ(t.executor.woken(), 1U);
  EXPECT_EQ((*t.executor.come())[0].attempt, 2U);
}

}  // namespace
}  // namespace futured::core
