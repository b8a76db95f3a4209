// FutureTable: attempts that take too long.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/core/future_table.h"
#include "tests/core/test_table.h"

namespace futured::core {
namespace {

using testing::id_of;
using testing::RecordingSubscriber;
using testing::TestTable;
using namespace std::chrono_literals;

TEST(FutureTableTimeoutTest, RunningLongerFails) {
  TestTable t;
  const auto watcher = RecordingSubscriber::add(t.table);
  const auto lease = t.submit_and_take(1, {.timeout = 5s, .watcher = watcher->id()});
  const Time begun = t.time.now();
  t.executor.begin(*lease, 0);
  t.time.advance(5s - 1ns);
  EXPECT_EQ(t.state(1), State::kRunning);
  t.time.advance(1ns);
  const FutureSnapshot snapshot = t.snapshot(1);
  ASSERT_EQ(snapshot.state, State::kFailed);
  EXPECT_EQ(snapshot.started, begun);
  EXPECT_EQ(snapshot.finished, begun + 5s);
  EXPECT_EQ(snapshot.outcome.error->origin, Origin::kTimeout);
  EXPECT_EQ(snapshot.outcome.error->type, "TimeoutError");
  EXPECT_EQ(snapshot.outcome.error->message, "the task ran longer than its timeout of 5 s");
  EXPECT_EQ(snapshot.outcome.error->attempt, 1U);
  const auto events = watcher->drain(t.table);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].outcome.state, State::kFailed);
}

TEST(FutureTableTimeoutTest, FunctionIsAskedToStopAndHoldsItsWorker) {
  TestTable t;
  const auto lease = t.submit_and_take(1, {.timeout = 5s});
  t.executor.begin(*lease, 0);
  ASSERT_TRUE(t.submit({2}));
  t.time.advance(5s);
  ASSERT_EQ(t.executor.stops().size(), 1U);
  EXPECT_EQ(t.executor.stops()[0].id, id_of(1));
  EXPECT_EQ(t.table.stats().running, 1U);
  EXPECT_EQ(t.executor.woken(), 0U);
}

TEST(FutureTableTimeoutTest, LateOutcomeIsDroppedAndCounted) {
  TestTable t;
  const auto lease = t.submit_and_take(1, {.timeout = 5s});
  t.executor.begin(*lease, 0);
  t.time.advance(6s);
  t.executor.end(*lease, 0, Outcome::succeeded(Bytes("late")));
  EXPECT_EQ(t.executor.exchange(lease), nullptr);
  EXPECT_EQ(t.state(1), State::kFailed);
  const TableStats stats = t.table.stats();
  EXPECT_EQ(stats.late, 1U);
  EXPECT_EQ(stats.succeeded, 0U);
  EXPECT_EQ(stats.running, 0U);
}

TEST(FutureTableTimeoutTest, LateOutcomeFindsItsSlotUsedByAnother) {
  TestTable t({.max_workers = 2});
  const auto lease = t.submit_and_take(1, {.timeout = 5s});
  t.executor.begin(*lease, 0);
  t.time.advance(5s);
  ASSERT_EQ(t.forget(1), ForgetEffect::kForgotten);
  // The slot that was freed last is used first.
  ASSERT_TRUE(t.submit({2}));
  t.executor.end(*lease, 0, Outcome::succeeded(Bytes("late")));
  t.executor.exchange(lease);
  EXPECT_EQ(t.table.stats().late, 1U);
  EXPECT_EQ(t.snapshot(2).outcome.state, State::kPending);
}

TEST(FutureTableTimeoutTest, OneThatIsDoneInTimeSucceedsHoweverLateItIsReported) {
  TestTable t;
  const auto lease = t.submit_and_take(1, {.timeout = 500us});
  t.executor.begin(*lease, 0);
  t.executor.end(*lease, 0);
  t.time.advance(10s);
  EXPECT_EQ(t.state(1), State::kSucceeded);
}

TEST(FutureTableTimeoutTest, WaitingForAWorkerDoesNotCount) {
  TestTable t;
  const auto lease = t.submit_and_take(1);
  t.executor.begin(*lease, 0);
  ASSERT_TRUE(t.submit({2}, {.timeout = 5s}));
  t.time.advance(1h);
  EXPECT_EQ(t.state(2), State::kPending);
  t.executor.end(*lease, 0);
  const auto next = t.executor.exchange(lease);
  t.executor.begin(*next, 0);
  EXPECT_EQ((*next)[0].timeout, 5s);
  t.time.advance(4s);
  EXPECT_EQ(t.state(2), State::kRunning);
}

TEST(FutureTableTimeoutTest, OneThatHasNotBegunInTimeNeverRuns) {
  TestTable t;
  const auto lease = t.submit_and_take(1, {.timeout = 500us});
  t.time.advance(500us);
  EXPECT_EQ(t.state(1), State::kFailed);
  EXPECT_FALSE(t.snapshot(1).started);
  EXPECT_FALSE(t.executor.begin(*lease, 0));
  EXPECT_TRUE(t.executor.stops().empty());
  EXPECT_EQ(t.executor.exchange(lease), nullptr);
  EXPECT_EQ(t.table.stats().running, 0U);
  EXPECT_EQ(t.table.stats().late, 0U);
}

TEST(FutureTableTimeoutTest, OneThatWasGivenBackGetsAllItsTimeAgain) {
  TestTable t({.max_workers = 2});
  const auto lease = t.submit_and_take(1, {.timeout = 5ms});
  t.time.advance(2ms);
  t.table.give_back(lease);
  EXPECT_FALSE(t.executor.begin(*lease, 0));
  t.time.advance(10ms);
  EXPECT_EQ(t.state(1), State::kPending);
  const auto other = t.executor.come();
  t.executor.begin(*other, 0);
  t.time.advance(4ms);
  EXPECT_EQ(t.state(1), State::kRunning);
  t.time.advance(1ms);
  EXPECT_EQ(t.state(1), State::kFailed);
}

TEST(FutureTableTimeoutTest, NoTimeAtAllIsATimeout) {
  TestTable t;
  const auto lease = t.submit_and_take(1, {.timeout = 0s});
  t.time.advance(0s);
  EXPECT_EQ(t.state(1), State::kFailed);
}

TEST(FutureTableTimeoutTest, EndedAttemptsAreNotWaitedFor) {
  TestTable t({}, {.retention = 1s});
  t.submit_and_run(1, {.timeout = 1h});
  const auto lease = t.submit_and_take(2, {.timeout = 1h});
  t.cancel(2);
  t.executor.exchange(lease);
  t.time.advance(10s);
  // Both are forgotten, and their slots used by others.
  ASSERT_FALSE(t.exists(1));
  const auto next = t.submit_and_take(3);
  t.executor.begin(*next, 0);
  ASSERT_TRUE(t.submit({4}));
  t.time.advance(2h);
  EXPECT_EQ(t.state(3), State::kRunning);
  EXPECT_EQ(t.state(4), State::kPending);
  EXPECT_EQ(t.table.stats().failed, 0U);
}

TEST(FutureTableTimeoutTest, LongerThanTheMaximumIsRefusedAndNamesBoth) {
  TestTable t({}, {.max_timeout = 600s});
  const auto refused = t.submit({1}, {.timeout = 3600s});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, Reason::kTimeoutTooLong);
  EXPECT_EQ(refused.error().message, "timeout 3600 s is above the maximum of 600 s (max_timeout)");
  EXPECT_EQ(t.submit({1}, {.timeout = 600s + 1ns}).error().message,
            "timeout 600001 ms is above the maximum of 600 s (max_timeout)");
  EXPECT_FALSE(t.exists(1));
  EXPECT_EQ(t.table.stats().refused, 2U);
  EXPECT_TRUE(t.submit({1}, {.timeout = 600s}));
}

TEST(FutureTableTimeoutTest, MaximumIsTheTimeoutOfTasksThatDoNotSay) {
  TestTable t({}, {.max_timeout = 10s});
  const auto lease = t.submit_and_take(1);
  t.executor.begin(*lease, 0);
  EXPECT_EQ((*lease)[0].timeout, 10s);
  EXPECT_FALSE((*lease)[0].has_own_timeout);
  t.time.advance(10s - 1ns);
  EXPECT_EQ(t.state(1), State::kRunning);
  t.time.advance(1ns);
  const FutureSnapshot snapshot = t.snapshot(1);
  ASSERT_EQ(snapshot.state, State::kFailed);
  EXPECT_EQ(snapshot.outcome.error->origin, Origin::kTimeout);
  EXPECT_EQ(snapshot.outcome.error->message, "the task ran longer than the maximum (max_timeout) of 10 s");
  EXPECT_EQ(t.executor.stops().size(), 1U);
}

TEST(FutureTableTimeoutTest, ShorterOneCountsBelowTheMaximum) {
  TestTable t({}, {.max_timeout = 10s});
  const auto lease = t.submit_and_take(1, {.timeout = 5s});
  t.executor.begin(*lease, 0);
  EXPECT_TRUE((*lease)[0].has_own_timeout);
  t.time.advance(5s);
  ASSERT_EQ(t.state(1), State::kFailed);
  EXPECT_EQ(t.snapshot(1).outcome.error->message, "the task ran longer than its timeout of 5 s");
}

TEST(FutureTableTimeoutTest, RepeatedSubmitUnderAMaximumIsTheSameFuture) {
  TestTable t({}, {.max_timeout = 10s});
  EXPECT_TRUE(t.submit({1}));
  EXPECT_TRUE(t.submit({1}));
  EXPECT_EQ(t.submit({1}, {.timeout = 10s}).error().reason, Reason::kFutureIdTaken);
  EXPECT_EQ(t.table.stats().submitted, 1U);
}

TEST(FutureTableTimeoutTest, MaximumHoldsForEachTaskOfALease) {
  TestTable t({}, {.max_timeout = 10s});
  t.learn_that_it_is_quick();
  ASSERT_TRUE(t.submit({1, 2, 3}));
  const auto lease = t.executor.come();
  ASSERT_EQ(lease->size(), 3U);
  t.executor.begin(*lease, 0);
  t.executor.end(*lease, 0);
  t.executor.begin(*lease, 1);
  t.time.advance(10s);
  EXPECT_EQ(t.state(1), State::kSucceeded);
  EXPECT_EQ(t.state(2), State::kFailed);
  // It was taken back when the one before it turned out to be slow.
  EXPECT_EQ(t.state(3), State::kPending);
  EXPECT_FALSE(t.executor.begin(*lease, 2));
  t.executor.end(*lease, 1);
  const auto next = t.executor.exchange(lease);
  ASSERT_NE(next, nullptr);
  t.executor.begin(*next, 0);
  t.time.advance(9s);
  EXPECT_EQ(t.state(3), State::kRunning);
  t.executor.end(*next, 0);
  EXPECT_EQ(t.executor.exchange(next), nullptr);
  EXPECT_EQ(t.state(3), State::kSucceeded);
  t.time.advance(1h);
  EXPECT_EQ(t.table.stats().failed, 1U);
}

TEST(FutureTableTimeoutTest, ManyEndInTheOrderOfTheirTimes) {
  TestTable t({.max_workers = 3});
  const auto watcher = RecordingSubscriber::add(t.table);
  const Duration timeouts[] = {3s, 1s, 2s};
  for (std::uint64_t i = 0; i < 3; ++i) {
    const auto lease = t.submit_and_take(i + 1, {.timeout = timeouts[i], .watcher = watcher->id()});
    t.executor.begin(*lease, 0);
  }
  t.time.advance(1h);
  std::vector<std::uint64_t> order;
  for (const Event& event : watcher->drain(t.table)) order.push_back(event.token);
  EXPECT_EQ(order, (std::vector<std::uint64_t>{2, 3, 1}));
}

}  // namespace
}  // namespace futured::core
