// FutureTable: how finished futures go: released, forgotten, expired.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "server/core/future_table.h"
#include "tests/core/test_table.h"

namespace futured::core {
namespace {

using testing::id_of;
using testing::RecordingSubscriber;
using testing::TestTable;
using Effect = ForgetEffect;
using namespace std::chrono_literals;

// Runs one and drains its event.
Handle run_and_drain(TestTable& t, std::uint64_t counter, Duration retention = Duration(-1)) {
  const auto watcher = RecordingSubscriber::add(t.table);
  t.submit_and_run(counter, {.retention = retention, .watcher = watcher->id()});
  const Handle handle = watcher->drain(t.table).at(0).handle;
  t.table.remove_subscriber(watcher->id());
  return handle;
}

TEST(FutureTableForgetTest, ReleasedOneIsGone) {
  TestTable t;
  const Handle handle = run_and_drain(t, 1);
  t.table.release({&handle, 1});
  EXPECT_FALSE(t.exists(1));
  EXPECT_EQ(t.table.stats().retained, 0U);
  EXPECT_EQ(t.table.stats().expired, 0U);
}

TEST(FutureTableForgetTest, OneWithItsOwnRetentionIsNotReleased) {
  TestTable t;
  const Handle handle = run_and_drain(t, 1, 1h);
  t.table.release({&handle, 1});
  EXPECT_TRUE(t.exists(1));
}

TEST(FutureTableForgetTest, OneThatSomebodyElseHasToReadIsNotReleased) {
  TestTable t;
  const Handle handle = run_and_drain(t, 1);
  const auto other = RecordingSubscriber::add(t.table);
  ASSERT_TRUE(t.watch(*other, {1}));
  t.table.release({&handle, 1});
  ASSERT_TRUE(t.exists(1));
  EXPECT_EQ(other->drain(t.table)[0].outcome.state, State::kSucceeded);
  t.table.release({&handle, 1});
  EXPECT_FALSE(t.exists(1));
}

TEST(FutureTableForgetTest, OldHandlesReleaseNothing) {
  TestTable t;
  const Handle old = run_and_drain(t, 1);
  t.table.release({&old, 1});
  const Handle fresh = run_and_drain(t, 2);
  ASSERT_EQ(fresh.slot, old.slot);
  t.table.release({&old, 1});
  EXPECT_TRUE(t.exists(2));
  const Handle made_up[] = {{}, {12'345'678, 0}, {fresh.slot, fresh.generation + 1}};
  t.table.release(made_up);
  EXPECT_TRUE(t.exists(2));
}

TEST(FutureTableForgetTest, UnfinishedOneIsNotReleased) {
  TestTable t;
  const Handle handle = run_and_drain(t, 1);
  t.table.release({&handle, 1});
  ASSERT_TRUE(t.submit({2}));
  const Handle of_pending{handle.slot, handle.generation + 1};
  t.table.release({&of_pending, 1});
  EXPECT_EQ(t.state(2), State::kPending);
}

TEST(FutureTableForgetTest, FinishedOnesAreForgottenOnRequest) {
  TestTable t;
  t.submit_and_run(1, {.retention = 1h});
  ASSERT_TRUE(t.submit({2}));
  const FutureId ids[] = {id_of(1), id_of(2), id_of(3), id_of(1)};
  EXPECT_EQ(t.table.forget(kDaemonAccount, ids),
            (std::vector<Effect>{Effect::kForgotten, Effect::kUnfinished, Effect::kNotFound, Effect::kNotFound}));
  EXPECT_FALSE(t.exists(1));
  EXPECT_TRUE(t.exists(2));
}

TEST(FutureTableForgetTest, ForgottenIdMayBeUsedForAnotherTask) {
  TestTable t;
  t.submit_and_run(1, {.arguments = "a"});
  t.forget(1);
  EXPECT_TRUE(t.submit({1}, {.function = "other", .arguments = "b"}));
  EXPECT_EQ(t.state(1), State::kPending);
  EXPECT_FALSE(t.snapshot(1).started);
}

TEST(FutureTableForgetTest, OutcomesExpireAfterTheDefaultTime) {
  TestTable t({}, {.retention = 10s});
  t.submit_and_run(1);
  EXPECT_EQ(t.snapshot(1).expires, t.time.now() + 10s);
  t.time.advance(10s - 1ns);
  EXPECT_TRUE(t.exists(1));
  t.time.advance(1ns);
  EXPECT_FALSE(t.exists(1));
  EXPECT_EQ(t.table.stats().expired, 1U);
}

TEST(FutureTableForgetTest, OwnRetentionIsShorterOrLonger) {
  TestTable t({}, {.retention = 10s});
  t.submit_and_run(1, {.retention = 20s});
  t.submit_and_run(2, {.retention = 5s});
  t.submit_and_run(3);
  t.time.advance(5s);
  EXPECT_FALSE(t.exists(2));
  t.time.advance(5s);
  EXPECT_FALSE(t.exists(3));
  EXPECT_TRUE(t.exists(1));
  t.time.advance(10s);
  EXPECT_FALSE(t.exists(1));
}

TEST(FutureTableForgetTest, NoRetentionIsGoneWhenItHasBeenRead) {
  TestTable t;
  const auto watcher = RecordingSubscriber::add(t.table);
  t.submit_and_run(1, {.retention = 0s, .watcher = watcher->id()});
  t.time.advance(1h);
  EXPECT_TRUE(t.exists(1));
  EXPECT_EQ(watcher->drain(t.table)[0].kind, Event::Kind::kFinished);
  t.time.advance(0s);
  EXPECT_FALSE(t.exists(1));
}

TEST(FutureTableForgetTest, AboveTheCountTheOldestGo) {
  TestTable t({}, {.max_retained = 2});
  for (std::uint64_t counter = 1; counter <= 4; ++counter) t.submit_and_run(counter);
  EXPECT_FALSE(t.exists(1));
  EXPECT_FALSE(t.exists(2));
  EXPECT_TRUE(t.exists(3));
  EXPECT_TRUE(t.exists(4));
  EXPECT_EQ(t.table.stats().retained, 2U);
  EXPECT_EQ(t.table.stats().expired, 2U);
}

TEST(FutureTableForgetTest, AboveTheBytesTheOldestGo) {
  TestTable t({}, {.max_retained_bytes = 100});
  for (std::uint64_t counter = 1; counter <= 3; ++counter) {
    t.submit_and_run(counter, {}, Outcome::succeeded(Bytes(std::string(60, 'x'))));
  }
  EXPECT_FALSE(t.exists(1));
  EXPECT_FALSE(t.exists(2));
  EXPECT_EQ(t.table.stats().retained_bytes, 60U);
}

TEST(FutureTableForgetTest, OwedOnesGoLastAndAreToldAsUnknown) {
  TestTable t({}, {.max_retained_bytes = 100});
  const auto watcher = RecordingSubscriber::add(t.table);
  for (std::uint64_t counter = 1; counter <= 2; ++counter) {
    t.submit_and_run(counter, {.watcher = watcher->id()}, Outcome::succeeded(Bytes(std::string(60, 'x'))));
  }
  const auto events = watcher->drain(t.table);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].kind, Event::Kind::kUnknown);
  EXPECT_EQ(events[1].kind, Event::Kind::kFinished);
}

TEST(FutureTableForgetTest, CancelledOnesCountWithoutAnyLease) {
  TestTable t({}, {.max_retained = 100});
  t.table.set_executor_state(t.executor.index(), ExecutorState::kPaused);
  for (std::uint64_t counter = 1; counter <= 10'000; ++counter) {
    ASSERT_TRUE(t.submit({counter}));
    t.cancel(counter);
    ASSERT_LE(t.table.stats().retained, 100U);
  }
}

TEST(FutureTableForgetTest, ManyCancelledAtOnceAreForgottenInSteps) {
  TestTable t({}, {.max_retained = 100});
  std::vector<std::uint64_t> counters;
  for (std::uint64_t counter = 1; counter <= 20'000; ++counter) counters.push_back(counter);
  ASSERT_TRUE(t.submit(counters));
  t.table.cancel_all(kDaemonAccount, std::nullopt, CancelMode::kPending);
  EXPECT_EQ(t.table.stats().retained, 100U);
  EXPECT_TRUE(t.exists(20'000));
}

TEST(FutureTableForgetTest, ManyExpireTogether) {
  TestTable t({}, {.retention = 1s});
  std::vector<std::uint64_t> counters;
  for (std::uint64_t counter = 1; counter <= 5000; ++counter) counters.push_back(counter);
  ASSERT_TRUE(t.submit(counters));
  t.executor.run_all();
  t.time.advance(1s);
  EXPECT_EQ(t.table.stats().retained, 0U);
  EXPECT_EQ(t.table.stats().expired, 5000U);
}

TEST(FutureTableForgetTest, TextTellsExpiredFromUnknown) {
  TestTable t({}, {.retention = 1s});
  t.submit_and_run(1);
  t.time.advance(1s);
  EXPECT_EQ(
      t.table.not_found(kDaemonAccount, id_of(1)).message,
      "future " + to_string(id_of(1)) + " has expired: it finished, and was released, forgotten, or kept for its time");
  EXPECT_EQ(t.table.not_found(kDaemonAccount, id_of(2)).message,
            "future " + to_string(id_of(2)) +
                " is unknown: it was never submitted to this daemon since it started, or is not there for this caller");
}

}  // namespace
}  // namespace futured::core
