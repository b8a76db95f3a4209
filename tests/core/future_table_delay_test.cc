// FutureTable: tasks that begin later, that end in time or never, and that go before others.
#include <gtest/gtest.h>

#include "server/core/future_table.h"
#include "tests/core/test_table.h"

namespace futured::core {
namespace {

using testing::counters_of;
using testing::failure_of;
using testing::shared;
using testing::TestTable;
using namespace std::chrono_literals;
using Order = std::vector<std::uint64_t>;

// --- Beginning later.

TEST(FutureTableDelayTest, DelayedTaskIsPendingAndBegunInTime) {
  TestTable t;
  ASSERT_TRUE(t.submit({1}, {.policy = shared({.delay = 10s})}));
  EXPECT_EQ(t.state(1), State::kPending);
  EXPECT_EQ(t.snapshot(1).due, t.time.now() + 10s);
  EXPECT_EQ(t.table.executors()[0].pending, 1U);
  t.time.advance(10s - 1ns);
  EXPECT_EQ(t.executor.woken(), 0U);
  t.time.advance(1ns);
  EXPECT_EQ(t.executor.woken(), 1U);
  t.executor.run_all();
  EXPECT_EQ(t.state(1), State::kSucceeded);
}

TEST(FutureTableDelayTest, NotBeforeIsATimeOfTheWallClock) {
  TestTable t;
  ASSERT_TRUE(t.submit({1}, {.policy = shared({.not_before = t.time.wall_time() + 1h, .delay = 1min})}));
  ASSERT_TRUE(t.submit({2}, {.policy = shared({.not_before = t.time.wall_time() - 1h})}));
  EXPECT_EQ(t.snapshot(1).due, t.time.now() + 1h);
  EXPECT_EQ(t.snapshot(2).due, std::nullopt);
  EXPECT_EQ(t.executor.woken(), 1U);
}

TEST(FutureTableDelayTest, DelayedTaskHoldsUpNobody) {
  TestTable t;
  t.learn_that_it_is_quick();
  ASSERT_TRUE(t.submit({1}, {.policy = shared({.delay = 10s})}));
  ASSERT_TRUE(t.submit({2, 3}));
  EXPECT_EQ(counters_of(*t.executor.come()), (Order{2, 3}));
}

TEST(FutureTableDelayTest, TaskWhoseTimeHasComeGoesBehindThoseThatWaitAlready) {
  TestTable t;
  t.learn_that_it_is_quick();
  ASSERT_TRUE(t.submit({1}, {.policy = shared({.delay = 1s})}));
  t.table.set_executor_state(0, ExecutorState::kPaused);
  ASSERT_TRUE(t.submit({2, 3}));
  t.time.advance(1s);
  ASSERT_TRUE(t.submit({4}));
  t.table.set_executor_state(0, ExecutorState::kActive);
  EXPECT_EQ(counters_of(*t.executor.come()), (Order{2, 3, 1, 4}));
}

TEST(FutureTableDelayTest, DelayedTaskIsCancelledAndForgottenLikeOthers) {
  TestTable t;
  ASSERT_TRUE(t.submit({1}, {.policy = shared({.delay = 10s})}));
  EXPECT_EQ(t.cancel(1), CancelEffect::kCancelled);
  EXPECT_EQ(t.table.executors()[0].pending, 0U);
  EXPECT_EQ(t.forget(1), ForgetEffect::kForgotten);
  t.time.advance(2h);
  EXPECT_EQ(t.executor.woken(), 0U);
  EXPECT_EQ(t.time.scheduled(), 0U);
}

TEST(FutureTableDelayTest, ManyThatAreDueTogetherAllBegin) {
  TestTable t;
  t.learn_that_it_is_quick();
  Order counters;
  for (std::uint64_t counter = 1; counter <= 3000; ++counter) counters.push_back(counter);
  ASSERT_TRUE(t.submit(counters, {.policy = shared({.delay = 10s})}));
  t.time.advance(10s);
  t.executor.run_all();
  EXPECT_EQ(t.table.stats().unfinished, 0U);
}

TEST(FutureTableDelayTest, SessionWithALimitIsRememberedWhileItsTasksWait) {
  TestTable t;
  const SessionId session{0x8000, 0x8001};
  t.table.open_session(session, 1, kDaemonAccount);
  ASSERT_TRUE(t.submit({1}, {.session = session, .policy = shared({.delay = 10s})}));
  t.table.close_session(session);
  for (std::uint64_t other = 1; other <= 10'100; ++other) {
    const SessionId id{0x8000 + (other << 16), 0x8000};
    t.table.open_session(id, 0, kDaemonAccount);
    t.table.close_session(id);
  }
  t.time.advance(10s);
  t.executor.run_all();
  EXPECT_EQ(t.table.stats().succeeded, 1U);
}

// --- Ending in time.

TEST(FutureTableDelayTest, PendingFutureExpires) {
  TestTable t;
  t.table.set_executor_state(0, ExecutorState::kPaused);
  ASSERT_TRUE(t.submit({1}, {.policy = shared({.expires = 30s})}));
  EXPECT_EQ(t.snapshot(1).fails_at, t.time.now() + 30s);
  t.time.advance(30s - 1ns);
  EXPECT_EQ(t.state(1), State::kPending);
  t.time.advance(1ns);
  const FutureSnapshot snapshot = t.snapshot(1);
  ASSERT_EQ(snapshot.state, State::kFailed);
  EXPECT_EQ(snapshot.outcome.error->origin, Origin::kTimeout);
  EXPECT_EQ(snapshot.outcome.error->message, "the future has expired: it had not ended 30 s after its submission");
  EXPECT_EQ(snapshot.outcome.error->attempt, 0U);
  EXPECT_EQ(t.table.executors()[0].pending, 0U);
}

TEST(FutureTableDelayTest, RunningFutureExpiresAndIsAskedToStop) {
  TestTable t;
  const auto lease = t.submit_and_take(1, {.policy = shared({.expires = 30s, .max_attempts = 9})});
  t.executor.begin(*lease, 0);
  t.time.advance(30s);
  EXPECT_EQ(t.state(1), State::kFailed);
  EXPECT_EQ(t.executor.stops().size(), 1U);
  t.executor.end(*lease, 0);
  t.executor.exchange(lease);
  EXPECT_EQ(t.state(1), State::kFailed);
  EXPECT_EQ(t.table.stats().late, 1U);
}

TEST(FutureTableDelayTest, FutureThatEndsInTimeDoesNotExpire) {
  TestTable t;
  t.submit_and_run(1, {.policy = shared({.expires = 30s})});
  t.time.advance(31s);
  EXPECT_EQ(t.state(1), State::kSucceeded);
}

TEST(FutureTableDelayTest, OneThatIsDoneInTimeSucceedsHoweverLateItIsReported) {
  TestTable t;
  const auto lease = t.submit_and_take(1, {.policy = shared({.expires = 500us})});
  t.executor.begin(*lease, 0);
  t.executor.end(*lease, 0);
  t.time.advance(500us);
  EXPECT_EQ(t.state(1), State::kSucceeded);
}

TEST(FutureTableDelayTest, FutureExpiresWhileItIsDelayed) {
  TestTable t;
  ASSERT_TRUE(t.submit({1}, {.policy = shared({.expires = 5s, .delay = 10s})}));
  t.time.advance(5s);
  EXPECT_EQ(t.state(1), State::kFailed);
  t.time.advance(5s);
  EXPECT_EQ(t.executor.woken(), 0U);
}

TEST(FutureTableDelayTest, NoAttemptIsWaitedForThatWouldComeTooLate) {
  TestTable t;
  t.submit_and_run(1, {.policy = shared({.expires = 500ms, .max_attempts = 2, .retry_jitter = 0})}, failure_of("E"));
  ASSERT_EQ(t.state(1), State::kFailed);
  EXPECT_EQ(t.snapshot(1).outcome.error->type, "E");
}

// --- Going before others.

TEST(FutureTableDelayTest, HigherPriorityGoesFirstAndEqualOnesInTheirOrder) {
  TestTable t;
  t.learn_that_it_is_quick();
  t.table.set_executor_state(0, ExecutorState::kPaused);
  ASSERT_TRUE(t.submit({1}, {.policy = shared({.priority = -1})}));
  ASSERT_TRUE(t.submit({2}));
  ASSERT_TRUE(t.submit({3, 4}, {.policy = shared({.priority = 10})}));
  ASSERT_TRUE(t.submit({5}, {.policy = shared({.priority = 100})}));
  ASSERT_TRUE(t.submit({6}));
  t.table.set_executor_state(0, ExecutorState::kActive);
  EXPECT_EQ(counters_of(*t.executor.come()), (Order{5, 3, 4, 2, 6, 1}));
}

TEST(FutureTableDelayTest, NextAttemptKeepsItsPriority) {
  TestTable t;
  t.submit_and_run(1, {.policy = shared({.priority = 1, .max_attempts = 2})}, failure_of("E"));
  t.table.set_executor_state(0, ExecutorState::kPaused);
  ASSERT_TRUE(t.submit({2}));
  t.time.advance(1s);
  t.table.set_executor_state(0, ExecutorState::kActive);
  EXPECT_EQ((*t.executor.come())[0].id, testing::id_of(1));
}

// --- Seeing it.

TEST(FutureTableDelayTest, ListsByLabelsAndTimes) {
  TestTable t;
  ASSERT_TRUE(t.submit({1}, {.policy = shared({.labels = {{"team", "a"}, {"zone", "x"}}})}));
  t.time.advance(1s);
  ASSERT_TRUE(t.submit({2}, {.policy = shared({.labels = {{"team", "a"}}})}));
  ASSERT_TRUE(t.submit({3}));
  const auto listed = [&t](const ListFilter& filter) {
    Order counters;
    for (const FutureSnapshot& snapshot : t.table.list(kDaemonAccount, filter, 10))
      counters.push_back(snapshot.id.counter());
    return counters;
  };
  EXPECT_EQ(listed({.labels = {{"team", "a"}}}), (Order{1, 2}));
  EXPECT_EQ(listed({.labels = {{"team", "a"}, {"zone", "x"}}}), Order{1});
  EXPECT_EQ(listed({.labels = {{"team", "b"}}}), Order{});
  EXPECT_EQ(listed({.submitted_from = t.time.now()}), (Order{2, 3}));
  EXPECT_EQ(listed({.submitted_before = t.time.now()}), Order{1});
}

}  // namespace
}  // namespace futured::core
