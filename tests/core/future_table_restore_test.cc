// FutureTable: futures that survived the daemon.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "server/core/future_table.h"
#include "tests/core/test_table.h"
#include "tests/support/recording_store.h"

namespace futured::core {
namespace {

using testing::counters_of;
using testing::failure_of;
using ::testing::HasSubstr;
using testing::id_of;
using testing::RecordingStore;
using testing::shared;
using testing::TestTable;
using namespace std::chrono_literals;

// What a store kept.
StoredFuture survivor(RecordingStore& store, std::uint64_t counter, State state) {
  store.remember(counter, state);
  StoredFuture future;
  future.id = id_of(counter);
  future.sequence = counter;
  future.task.function = "plain";
  future.task.executor = "scripted";
  future.state = state;
  if (state != State::kPending) future.attempt = 1;
  return future;
}

constexpr SessionId kOther{testing::kSession.high, 0x9e5b};

class FutureTableRestoreTest : public ::testing::Test {
 public:
  ~FutureTableRestoreTest() override { EXPECT_EQ(store.problems(), std::vector<std::string>()); }

 protected:
  StoredFuture with_policy(std::uint64_t counter, State state, TaskPolicy policy) {
    StoredFuture future = survivor(store, counter, state);
    future.task.options.policy = shared(std::move(policy));
    future.task.submitted = t.time.now();
    return future;
  }
  void restore(StoredFuture future) {
    std::vector<StoredFuture> futures;
    futures.push_back(std::move(future));
    t.table.restore(std::move(futures));
    t.table.restored(1);
  }

  // Pending, of another session with a limit.
  StoredFuture of_session(std::uint64_t counter, std::uint64_t limit) {
    StoredFuture future = survivor(store, counter, State::kPending);
    future.id = id_of(counter, kOther);
    future.task.session_limit = limit;
    return future;
  }

  RecordingStore store;
  TestTable t{{}, {}, store};
  TestTable wide{{.max_workers = 4}, {}, store};
};

// How many of the workers that are woken get something to do.
std::size_t begin_all(TestTable& t) {
  std::size_t begun = 0;
  while (t.executor.woken() > 0) begun += t.executor.come() == nullptr ? 0 : 1;
  return begun;
}

TEST_F(FutureTableRestoreTest, WhatWasPendingRunsInItsOrder) {
  std::vector<StoredFuture> futures;
  for (const std::uint64_t counter : {3U, 5U, 9U}) futures.push_back(survivor(store, counter, State::kPending));
  t.table.restore(std::move(futures));
  EXPECT_EQ(t.executor.woken(), 0U);
  t.table.restored(9);
  t.executor.run_all();
  for (const std::uint64_t counter : {3U, 5U, 9U}) EXPECT_EQ(t.state(counter), State::kSucceeded);
  EXPECT_EQ(store.transitions().front().id, id_of(3));
  ASSERT_TRUE(t.submit({10}));
  EXPECT_EQ(store.transitions().back().sequence, 10U);
}

TEST_F(FutureTableRestoreTest, WhatRanFailsBecauseTheDaemonRestarted) {
  std::vector<StoredFuture> futures;
  futures.push_back(survivor(store, 1, State::kRunning));
  t.table.restore(std::move(futures));
  t.table.restored(1);
  const FutureSnapshot snapshot = t.snapshot(1);
  ASSERT_EQ(snapshot.state, State::kFailed);
  EXPECT_EQ(snapshot.outcome.error->type, "DaemonRestarted");
  EXPECT_EQ(snapshot.outcome.error->attempt, 1U);
  ASSERT_EQ(store.transitions().size(), 1U);
  EXPECT_EQ(store.transitions()[0].from, State::kRunning);
  EXPECT_EQ(store.transitions()[0].to, State::kFailed);
}

// Pending ones of a function that is known to be quick.
void restore_quick_ones(RecordingStore& store, TestTable& t, const std::vector<std::uint64_t>& counters,
                        bool ended_in_order) {
  t.learn_that_it_is_quick();
  std::vector<StoredFuture> futures;
  for (const std::uint64_t counter : counters) futures.push_back(survivor(store, counter, State::kPending));
  t.table.restore(std::move(futures));
  t.table.restored(counters.back(), ended_in_order);
}

TEST_F(FutureTableRestoreTest, AfterAnEndOutOfOrderEachBeginsAloneOnceThatIsStored) {
  restore_quick_ones(store, t, {2, 3}, false);
  store.hold();
  EXPECT_EQ(t.executor.come(), nullptr);
  EXPECT_EQ(store.transitions().back().id, id_of(2));
  EXPECT_EQ(store.transitions().back().to, State::kRunning);
  EXPECT_EQ(store.transitions().back().attempt, 1U);
  store.let_go();
  const auto lease = t.executor.come();
  ASSERT_NE(lease, nullptr);
  EXPECT_EQ(counters_of(*lease), (std::vector<std::uint64_t>{2}));
  EXPECT_EQ(t.executor.run(lease), nullptr);
  EXPECT_EQ(store.transitions().back().id, id_of(3));
  EXPECT_EQ(store.transitions().back().to, State::kRunning);
  t.executor.run_all();
  for (const std::uint64_t counter : {2U, 3U}) EXPECT_EQ(t.state(counter), State::kSucceeded);
}

TEST_F(FutureTableRestoreTest, AfterAnEndOutOfOrderNewTasksBeginAsUsual) {
  restore_quick_ones(store, t, {2}, false);
  t.executor.run_all();
  ASSERT_EQ(t.state(2), State::kSucceeded);
  ASSERT_TRUE(t.submit({3, 4}));
  EXPECT_EQ(counters_of(*t.executor.come()), (std::vector<std::uint64_t>{3, 4}));
}

TEST_F(FutureTableRestoreTest, AfterAnEndOutOfOrderOnlyAsManyBeginAloneAsWereLent) {
  std::vector<std::uint64_t> counters(kMostLent + 2);
  std::iota(counters.begin(), counters.end(), 2);
  restore_quick_ones(store, t, counters, false);
  std::size_t alone = 0;
  for (std::shared_ptr<Lease> lease;;) {
    while (lease == nullptr) {
      ASSERT_GT(t.executor.woken(), 0U);
      lease = t.executor.come();
    }
    if (counters_of(*lease).size() > 1) break;
    ++alone;
    lease = t.executor.run(lease);
  }
  EXPECT_EQ(alone, kMostLent);
}

TEST_F(FutureTableRestoreTest, AfterAnEndInOrderSeveralBeginTogether) {
  restore_quick_ones(store, t, {2, 3}, true);
  EXPECT_EQ(counters_of(*t.executor.come()), (std::vector<std::uint64_t>{2, 3}));
}

TEST_F(FutureTableRestoreTest, WhatRunsOutsideTheDaemonHasNotKilledIt) {
  TestTable outside({.can_kill = true}, {}, store);
  restore_quick_ones(store, outside, {2, 3}, false);
  EXPECT_EQ(counters_of(*outside.executor.come()), (std::vector<std::uint64_t>{2, 3}));
}

TEST_F(FutureTableRestoreTest, WhatHadFinishedIsAsItWas) {
  std::vector<StoredFuture> futures;
  futures.push_back(survivor(store, 1, State::kSucceeded));
  futures.back().outcome = Outcome::succeeded(Bytes("value"));
  futures.back().finished = t.time.now() - 10min;
  t.table.restore(std::move(futures));
  t.table.restored(1);
  EXPECT_EQ(t.snapshot(1).outcome.value.view(), "value");
  EXPECT_EQ(t.snapshot(1).expires, t.time.now() + 50min);
  t.time.advance(51min);
  EXPECT_FALSE(t.exists(1));
}

TEST_F(FutureTableRestoreTest, LimitsOnWhatIsKeptHold) {
  TestTable few({}, {.max_retained = 1}, store);
  std::vector<StoredFuture> futures;
  for (const std::uint64_t counter : {1U, 2U}) {
    futures.push_back(survivor(store, counter, State::kSucceeded));
    futures.back().outcome = Outcome::succeeded(Bytes("value"));
  }
  futures[0].finished = few.time.now() - 1min;
  futures[1].finished = few.time.now() - 10min;
  few.table.restore(std::move(futures));
  few.table.restored(2);
  EXPECT_TRUE(few.exists(1));
  EXPECT_FALSE(few.exists(2));
  ASSERT_EQ(store.transitions().size(), 1U);
  EXPECT_EQ(store.transitions()[0].id, id_of(2));
  EXPECT_TRUE(store.transitions()[0].forgotten);
}

TEST_F(FutureTableRestoreTest, WhatRanIsAttemptedAgainIfItMayBe) {
  restore(with_policy(1, State::kRunning, {.max_attempts = 2, .retry_jitter = 0}));
  const FutureSnapshot snapshot = t.snapshot(1);
  EXPECT_EQ(snapshot.state, State::kPending);
  EXPECT_EQ(snapshot.attempt, 1U);
  EXPECT_EQ(snapshot.last_error->type, "DaemonRestarted");
  EXPECT_EQ(snapshot.due, t.time.now() + 1s);
  const auto transitions = store.transitions();
  ASSERT_EQ(transitions.size(), 1U);
  EXPECT_EQ(transitions[0].to, State::kPending);
  EXPECT_EQ(transitions[0].attempt, 1U);
  EXPECT_EQ(transitions[0].due, t.time.now() + 1s);
  t.time.advance(1s);
  ASSERT_EQ(t.executor.woken(), 1U);
  EXPECT_EQ((*t.executor.come())[0].attempt, 2U);
}

TEST_F(FutureTableRestoreTest, LastAttemptThatRanFails) {
  StoredFuture future = with_policy(1, State::kRunning, {.max_attempts = 2});
  future.attempt = 2;
  restore(std::move(future));
  ASSERT_EQ(t.state(1), State::kFailed);
  EXPECT_EQ(t.snapshot(1).outcome.error->type, "DaemonRestarted");
}

TEST_F(FutureTableRestoreTest, WhatMayRunOnceIsNotAttemptedAgain) {
  restore(with_policy(1, State::kRunning, {.at_most_once = true, .max_attempts = 2}));
  EXPECT_EQ(t.state(1), State::kFailed);
}

TEST_F(FutureTableRestoreTest, WhatWasAskedToStopIsCancelledAndNotAttemptedAgain) {
  StoredFuture future = with_policy(1, State::kRunning, {.max_attempts = 3});
  future.stop_requested = true;
  restore(std::move(future));
  EXPECT_EQ(t.state(1), State::kCancelled);
  EXPECT_EQ(t.executor.woken(), 0U);
  ASSERT_EQ(store.transitions().size(), 1U);
  EXPECT_EQ(store.transitions()[0].from, State::kRunning);
  EXPECT_EQ(store.transitions()[0].to, State::kCancelled);
}

// Its worker had it, and had not told that it has begun it.
TEST_F(FutureTableRestoreTest, WhatWasAskedToStopBeforeItsBeginningWasKnownIsCancelled) {
  StoredFuture future = with_policy(1, State::kPending, {.expires = 60s});
  future.stop_requested = true;
  restore(std::move(future));
  EXPECT_EQ(t.state(1), State::kCancelled);
  EXPECT_EQ(t.executor.woken(), 0U);
  t.time.advance(61s);
  EXPECT_EQ(t.state(1), State::kCancelled);
}

TEST_F(FutureTableRestoreTest, RetryOfOtherErrorsDoesNotCoverARestart) {
  restore(with_policy(1, State::kRunning, {.max_attempts = 2, .retry_on = {"worker"}}));
  EXPECT_EQ(t.state(1), State::kFailed);
}

TEST_F(FutureTableRestoreTest, WhatWaitedForItsNextAttemptWaitsOn) {
  StoredFuture future = with_policy(1, State::kPending, {.max_attempts = 3});
  future.attempt = 1;
  future.due = t.time.now() + 7s;
  future.outcome = failure_of("E");
  restore(std::move(future));
  EXPECT_EQ(t.snapshot(1).due, t.time.now() + 7s);
  EXPECT_EQ(t.snapshot(1).last_error->type, "E");
  t.time.advance(7s);
  t.executor.run_all();
  EXPECT_EQ(t.state(1), State::kSucceeded);
  EXPECT_EQ(t.snapshot(1).attempt, 2U);
}

TEST_F(FutureTableRestoreTest, WhatWasDueMeanwhileBeginsAtOnce) {
  StoredFuture future = with_policy(1, State::kPending, {.max_attempts = 3});
  future.due = t.time.now() - 7s;
  restore(std::move(future));
  EXPECT_EQ(t.executor.woken(), 1U);
}

TEST_F(FutureTableRestoreTest, DelayAndExpiryCountFromTheSubmission) {
  StoredFuture future = with_policy(1, State::kPending, {.expires = 60s, .delay = 10s});
  future.task.submitted = t.time.now() - 4s;
  restore(std::move(future));
  EXPECT_EQ(t.snapshot(1).due, t.time.now() + 6s);
  EXPECT_EQ(t.snapshot(1).fails_at, t.time.now() + 56s);
  t.table.set_executor_state(0, ExecutorState::kPaused);
  t.time.advance(56s);
  EXPECT_EQ(t.state(1), State::kFailed);
}

TEST_F(FutureTableRestoreTest, WhatExpiredMeanwhileFailsAndDoesNotBegin) {
  StoredFuture future = with_policy(1, State::kPending, {.expires = 60s});
  future.task.submitted = t.time.now() - 61s;
  restore(std::move(future));
  EXPECT_EQ(t.state(1), State::kFailed);
  EXPECT_EQ(t.executor.woken(), 0U);
}

TEST_F(FutureTableRestoreTest, PriorityHolds) {
  std::vector<StoredFuture> futures;
  futures.push_back(survivor(store, 1, State::kPending));
  futures.push_back(with_policy(2, State::kPending, {.priority = 5}));
  t.table.restore(std::move(futures));
  t.table.restored(2);
  EXPECT_EQ((*t.executor.come())[0].id, id_of(2));
}

TEST_F(FutureTableRestoreTest, LimitOfASessionHoldsAlsoBeforeItResumes) {
  std::vector<StoredFuture> futures;
  for (const std::uint64_t counter : {1U, 2U, 3U, 4U}) futures.push_back(of_session(counter, 2));
  wide.table.restore(std::move(futures));
  wide.table.restored(4);
  EXPECT_EQ(begin_all(wide), 2U);
}

TEST_F(FutureTableRestoreTest, SessionThatResumesSharesItsLimitWithWhatSurvived) {
  std::vector<StoredFuture> futures;
  for (const std::uint64_t counter : {1U, 2U, 3U}) futures.push_back(of_session(counter, 2));
  wide.table.restore(std::move(futures));
  wide.table.restored(3);
  ASSERT_EQ(begin_all(wide), 2U);
  wide.table.open_session(kOther, 2, kDaemonAccount);
  ASSERT_TRUE(wide.submit({4}, {.session = kOther}));
  EXPECT_EQ(begin_all(wide), 0U);
  EXPECT_EQ(store.transitions().back().task->session_limit, 2U);
  wide.table.open_session(kOther, 3, kDaemonAccount);
  EXPECT_EQ(begin_all(wide), 1U);
  wide.table.open_session(kOther, 0, kDaemonAccount);
  EXPECT_EQ(begin_all(wide), 1U);
}

TEST_F(FutureTableRestoreTest, LimitOfASessionIsThatOfItsLastTask) {
  std::vector<StoredFuture> futures;
  futures.push_back(of_session(1, 1));
  futures.push_back(of_session(2, 1));
  futures.push_back(of_session(3, 0));
  wide.table.restore(std::move(futures));
  wide.table.restored(3);
  EXPECT_EQ(begin_all(wide), 3U);
}

TEST_F(FutureTableRestoreTest, ExpiredIsToldFromUnknownByWhatSurvivedOfTheSession) {
  restore(survivor(store, 5, State::kPending));
  EXPECT_THAT(t.table.not_found(kDaemonAccount, id_of(4)).message, HasSubstr("expired"));
  EXPECT_THAT(t.table.not_found(kDaemonAccount, id_of(6)).message, HasSubstr("unknown"));
  EXPECT_EQ(t.table.not_found(kDaemonAccount, id_of(4)).code(), t.table.not_found(kDaemonAccount, id_of(6)).code());
  EXPECT_EQ(t.table.not_found(kDaemonAccount, id_of(4)).reason, Reason::kFutureExpired);
  EXPECT_EQ(t.table.not_found(kDaemonAccount, id_of(6)).reason, Reason::kFutureUnknown);
}

TEST_F(FutureTableRestoreTest, DaemonThatEndsBeginsNothingThatTheNextOneCanBegin) {
  const auto lease = t.submit_and_take(1);
  ASSERT_TRUE(t.submit({2}));
  t.table.drain_all();
  EXPECT_EQ(t.executor.run(lease), nullptr);
  EXPECT_EQ(t.executor.woken(), 0U);
  EXPECT_TRUE(t.table.wait_until_idle(t.time.now()));
  EXPECT_EQ(t.state(1), State::kSucceeded);
  EXPECT_EQ(t.state(2), State::kPending);
}

TEST_F(FutureTableRestoreTest, RepeatedSubmitOfWhatHadFinishedIsComparedAsBefore) {
  t.submit_and_run(1, {.arguments = "arguments"});
  StoredFuture future = survivor(store, 1, State::kSucceeded);
  future.task = *store.transitions().front().task;
  future.task.arguments = Bytes();
  RecordingStore next_store;
  next_store.remember(1, State::kSucceeded);
  TestTable next({}, {}, next_store);
  std::vector<StoredFuture> futures;
  futures.push_back(std::move(future));
  next.table.restore(std::move(futures));
  next.table.restored(1);
  EXPECT_TRUE(next.submit({1}, {.arguments = "arguments"}));
  EXPECT_FALSE(next.submit({1}, {.arguments = "Arguments"}));
  EXPECT_EQ(next.snapshot(1).arguments_size, 9U);
}

}  // namespace
}  // namespace futured::core
