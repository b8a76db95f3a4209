// FutureTable: subscribers, their events and how they are drained.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "server/core/future_table.h"
#include "tests/core/test_table.h"

namespace futured::core {
namespace {

using ::testing::HasSubstr;
using testing::id_of;
using testing::RecordingSubscriber;
using testing::TestTable;
using Tokens = std::vector<std::uint64_t>;
using Kind = Event::Kind;
using namespace std::chrono_literals;

Tokens tokens_of(const std::vector<Event>& events) {
  Tokens tokens;
  for (const Event& event : events) tokens.push_back(event.token);
  return tokens;
}

TEST(FutureTableWatchTest, FinishIsAnEventWithTheOutcome) {
  TestTable t;
  const auto watcher = RecordingSubscriber::add(t.table);
  ASSERT_TRUE(t.submit({1}));
  ASSERT_TRUE(t.watch(*watcher, {1}));
  EXPECT_EQ(watcher->notifications(), 0U);
  EXPECT_EQ(t.table.stats().watches, 1U);
  const auto lease = t.executor.come();
  t.executor.begin(*lease, 0);
  t.executor.end(*lease, 0, Outcome::succeeded(Bytes("v")));
  t.executor.exchange(lease);
  EXPECT_EQ(watcher->notifications(), 1U);
  EXPECT_EQ(t.table.events_waiting(watcher->id()), 1U);
  const auto events = watcher->drain(t.table);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].token, 1U);
  EXPECT_EQ(events[0].kind, Kind::kFinished);
  EXPECT_EQ(events[0].outcome.value.view(), "v");
  EXPECT_EQ(t.table.events_waiting(watcher->id()), 0U);
  EXPECT_EQ(t.table.stats().watches, 0U);
}

// semantics 180, 193
TEST(FutureTableWatchTest, EventsComeInOrderOfCompletionAndEachOnce) {
  TestTable t({.max_workers = 3});
  const auto watcher = RecordingSubscriber::add(t.table);
  ASSERT_TRUE(t.submit({1, 2, 3}, {.watcher = watcher->id()}));
  std::vector<std::shared_ptr<Lease>> leases;
  for (int i = 0; i < 3; ++i) leases.push_back(t.executor.come());
  for (const std::size_t i : {2U, 0U, 1U}) t.executor.run(leases[i]);
  EXPECT_EQ(tokens_of(watcher->drain(t.table)), (Tokens{3, 1, 2}));
  EXPECT_TRUE(watcher->drain(t.table).empty());
}

// semantics 181
TEST(FutureTableWatchTest, FinishedOnesAreEventsAtOnce) {
  TestTable t;
  t.submit_and_run(1);
  ASSERT_TRUE(t.submit({2}));
  const auto watcher = RecordingSubscriber::add(t.table);
  ASSERT_TRUE(t.watch(*watcher, {2, 1}));
  EXPECT_EQ(watcher->notifications(), 1U);
  EXPECT_EQ(tokens_of(watcher->drain(t.table)), (Tokens{1}));
}

TEST(FutureTableWatchTest, RunningOnesAreEventsAtOnceAndAgainWhenTheyFinish) {
  TestTable t;
  const auto lease = t.submit_and_take(1);
  t.executor.begin(*lease, 0);
  t.time.advance(2ms);
  const auto watcher = RecordingSubscriber::add(t.table);
  ASSERT_TRUE(t.watch(*watcher, {1}));
  auto events = watcher->drain(t.table);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].kind, Kind::kStarted);
  t.executor.end(*lease, 0);
  t.executor.exchange(lease);
  events = watcher->drain(t.table);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].kind, Kind::kFinished);
}

TEST(FutureTableWatchTest, StartThatIsNoNewsAnyMoreIsNotTold) {
  TestTable t;
  const auto watcher = RecordingSubscriber::add(t.table);
  const auto lease = t.submit_and_take(1, {.watcher = watcher->id()});
  t.executor.begin(*lease, 0);
  t.time.advance(2ms);
  t.executor.end(*lease, 0);
  t.executor.exchange(lease);
  EXPECT_EQ(t.table.events_waiting(watcher->id()), 2U);
  const auto events = watcher->drain(t.table);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].kind, Kind::kFinished);
}

TEST(FutureTableWatchTest, OneNotificationServesUntilAllIsDrained) {
  TestTable t;
  const auto watcher = RecordingSubscriber::add(t.table);
  for (std::uint64_t counter = 1; counter <= 3; ++counter) t.submit_and_run(counter, {.watcher = watcher->id()});
  EXPECT_EQ(watcher->notifications(), 1U);
  std::vector<Event> events;
  EXPECT_TRUE(t.table.drain(watcher->id(), 2, SIZE_MAX, events));
  t.submit_and_run(4, {.watcher = watcher->id()});
  EXPECT_EQ(watcher->notifications(), 1U);
  EXPECT_FALSE(t.table.drain(watcher->id(), 2, SIZE_MAX, events));
  EXPECT_EQ(tokens_of(events), (Tokens{1, 2, 3, 4}));
  t.submit_and_run(5, {.watcher = watcher->id()});
  EXPECT_EQ(watcher->notifications(), 2U);
}

TEST(FutureTableWatchTest, DrainStopsBeforeItsBytesExceedTheLimit) {
  TestTable t;
  const auto watcher = RecordingSubscriber::add(t.table);
  const Outcome sixty = Outcome::succeeded(Bytes(std::string(60, 'x')));
  const Outcome failure = Outcome::failed({Origin::kTask, "", std::string(60, 'x'), "", nullptr, 1, ""});
  t.submit_and_run(1, {.watcher = watcher->id()}, sixty);
  t.submit_and_run(2, {.watcher = watcher->id()}, failure);
  t.submit_and_run(3, {.watcher = watcher->id()});
  for (const Tokens& expected : {Tokens{1}, Tokens{2, 3}}) {
    std::vector<Event> events;
    EXPECT_EQ(t.table.drain(watcher->id(), 10, 100, events), expected == Tokens{1});
    EXPECT_EQ(tokens_of(events), expected);
  }
}

TEST(FutureTableWatchTest, OutcomeAboveTheLimitIsDrainedAlone) {
  TestTable t;
  const auto watcher = RecordingSubscriber::add(t.table);
  const Outcome large = Outcome::succeeded(Bytes(std::string(1000, 'x')));
  t.submit_and_run(1, {.watcher = watcher->id()}, large);
  t.submit_and_run(2, {.watcher = watcher->id()}, large);
  for (const std::uint64_t counter : {1U, 2U}) {
    std::vector<Event> events;
    t.table.drain(watcher->id(), 10, 100, events);
    EXPECT_EQ(tokens_of(events), (Tokens{counter}));
  }
}

// semantics 190
TEST(FutureTableWatchTest, EverySubscriberGetsEveryEvent) {
  TestTable t;
  const auto first = RecordingSubscriber::add(t.table);
  const auto second = RecordingSubscriber::add(t.table);
  ASSERT_TRUE(t.submit({1, 2}, {.watcher = first->id()}));
  ASSERT_TRUE(t.watch(*second, {2, 1}));
  t.executor.run_all();
  EXPECT_EQ(tokens_of(first->drain(t.table)), (Tokens{1, 2}));
  EXPECT_EQ(tokens_of(second->drain(t.table)), (Tokens{1, 2}));
}

TEST(FutureTableWatchTest, WatchingTwiceIsToldTwice) {
  TestTable t;
  const auto watcher = RecordingSubscriber::add(t.table);
  ASSERT_TRUE(t.submit({1}));
  ASSERT_TRUE(t.watch(*watcher, {1, 1}));
  t.executor.run_all();
  EXPECT_EQ(tokens_of(watcher->drain(t.table)), (Tokens{1, 1}));
}

TEST(FutureTableWatchTest, UnknownOneRefusesAllOfThem) {
  TestTable t;
  const auto watcher = RecordingSubscriber::add(t.table);
  ASSERT_TRUE(t.submit({1}));
  const auto watched = t.watch(*watcher, {1, 8, 9});
  ASSERT_FALSE(watched);
  EXPECT_EQ(watched.error().reason, Reason::kFutureUnknown);
  EXPECT_THAT(watched.error().message, HasSubstr(to_string(id_of(8))));
  EXPECT_EQ(t.table.stats().watches, 0U);
  t.executor.run_all();
  EXPECT_EQ(watcher->notifications(), 0U);
}

// semantics 164
TEST(FutureTableWatchTest, UnknownOneIsAnEventWhereThatIsWanted) {
  TestTable t;
  const auto watcher = RecordingSubscriber::add(t.table);
  ASSERT_TRUE(t.submit({1}));
  ASSERT_TRUE(t.watch(*watcher, {8, 1}, true));
  const auto events = watcher->drain(t.table);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].token, 8U);
  EXPECT_EQ(events[0].kind, Kind::kUnknown);
  EXPECT_EQ(t.table.stats().watches, 1U);
}

TEST(FutureTableWatchTest, HandleOfAnUnknownOneReleasesNothing) {
  TestTable t;
  // In the table's first slot.
  t.submit_and_run(1);
  const auto watcher = RecordingSubscriber::add(t.table);
  ASSERT_TRUE(t.watch(*watcher, {8}, true));
  const Handle handle = watcher->drain(t.table)[0].handle;
  t.table.release({&handle, 1});
  EXPECT_TRUE(t.exists(1));
}

TEST(FutureTableWatchTest, FutureForgottenBeforeItWasToldIsUnknown) {
  TestTable t;
  const auto watcher = RecordingSubscriber::add(t.table);
  t.submit_and_run(1, {.watcher = watcher->id()});
  ASSERT_EQ(t.forget(1), ForgetEffect::kForgotten);
  // The slot is used again, for another future.
  t.submit_and_run(2);
  const auto events = watcher->drain(t.table);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].token, 1U);
  EXPECT_EQ(events[0].kind, Kind::kUnknown);
}

TEST(FutureTableWatchTest, OutcomeIsOwedUntilTheLastReaderHasIt) {
  TestTable t({}, {.retention = 1s});
  const auto first = RecordingSubscriber::add(t.table);
  const auto second = RecordingSubscriber::add(t.table);
  ASSERT_TRUE(t.submit({1}, {.watcher = first->id()}));
  ASSERT_TRUE(t.watch(*second, {1}));
  t.executor.run_all();
  first->drain(t.table);
  EXPECT_EQ(t.table.stats().owed, 1U);
  t.time.advance(1h);
  ASSERT_TRUE(t.exists(1));
  EXPECT_FALSE(t.snapshot(1).expires);
  EXPECT_EQ(second->drain(t.table).size(), 1U);
  EXPECT_EQ(t.table.stats().owed, 0U);
  EXPECT_EQ(t.snapshot(1).expires, t.time.now() + 1s);
  t.time.advance(1s);
  EXPECT_FALSE(t.exists(1));
}

TEST(FutureTableWatchTest, FinishedFutureThatIsWatchedAnewIsOwedAgain) {
  TestTable t({}, {.retention = 1s});
  t.submit_and_run(1);
  const auto watcher = RecordingSubscriber::add(t.table);
  ASSERT_TRUE(t.watch(*watcher, {1, 1}));
  t.time.advance(1h);
  EXPECT_EQ(tokens_of(watcher->drain(t.table)), (Tokens{1, 1}));
  t.time.advance(1s);
  EXPECT_FALSE(t.exists(1));
}

TEST(FutureTableWatchTest, RemovedSubscriberOwesNothing) {
  TestTable t({}, {.retention = 1s});
  const auto watcher = RecordingSubscriber::add(t.table);
  t.submit_and_run(1, {.watcher = watcher->id()});
  ASSERT_TRUE(t.submit({2}, {.watcher = watcher->id()}));
  t.table.remove_subscriber(watcher->id());
  const TableStats stats = t.table.stats();
  EXPECT_EQ(stats.owed, 0U);
  EXPECT_EQ(stats.watches, 0U);
  EXPECT_EQ(stats.subscribers, 0U);
  const std::size_t notifications = watcher->notifications();
  t.executor.run_all();
  EXPECT_EQ(watcher->notifications(), notifications);
  t.time.advance(1s);
  EXPECT_FALSE(t.exists(1));
}

TEST(FutureTableWatchTest, SubscriberIsFreedWhenItIsRemoved) {
  TestTable t;
  const auto watcher = RecordingSubscriber::add(t.table);
  EXPECT_EQ(watcher.use_count(), 2);
  t.table.remove_subscriber(watcher->id());
  EXPECT_EQ(watcher.use_count(), 1);
}

TEST(FutureTableWatchTest, RemovalOfManyWatchesAndEventsIsComplete) {
  TestTable t;
  const auto watcher = RecordingSubscriber::add(t.table);
  std::vector<std::uint64_t> finished;
  std::vector<std::uint64_t> pending;
  for (std::uint64_t counter = 1; counter <= 10'000; ++counter) finished.push_back(counter);
  for (std::uint64_t counter = 10'001; counter <= 20'000; ++counter) pending.push_back(counter);
  ASSERT_TRUE(t.submit(finished, {.watcher = watcher->id()}));
  t.table.cancel_all(kDaemonAccount, std::nullopt, CancelMode::kPending);
  ASSERT_TRUE(t.submit(pending, {.watcher = watcher->id()}));
  EXPECT_EQ(t.table.stats().owed, 10'000U);
  EXPECT_EQ(t.table.stats().watches, 10'000U);
  t.table.remove_subscriber(watcher->id());
  EXPECT_EQ(t.table.stats().owed, 0U);
  EXPECT_EQ(t.table.stats().watches, 0U);
}

TEST(FutureTableWatchTest, SubscribersAreLimited) {
  TestTable t({}, {.max_subscribers = 2, .retry_delay = 50ms});
  const auto first = RecordingSubscriber::add(t.table);
  const auto second = RecordingSubscriber::add(t.table);
  const auto third = std::make_shared<RecordingSubscriber>();
  const auto refused = t.table.add_subscriber(third, kDaemonAccount);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, Reason::kTooManyWaiters);
  EXPECT_EQ(refused.error().retry_delay, 50ms);
  EXPECT_EQ(t.table.stats().refused, 1U);
  t.table.remove_subscriber(first->id());
  EXPECT_TRUE(t.table.add_subscriber(third, kDaemonAccount));
}

TEST(FutureTableWatchTest, ManyWaitersOfOneFutureAreAllTold) {
  TestTable t;
  ASSERT_TRUE(t.submit({1}));
  std::vector<std::shared_ptr<RecordingSubscriber>> watchers;
  for (int i = 0; i < 1000; ++i) {
    watchers.push_back(RecordingSubscriber::add(t.table));
    ASSERT_TRUE(t.watch(*watchers.back(), {1}));
  }
  t.executor.run_all();
  EXPECT_TRUE(std::ranges::all_of(watchers, [&](const auto& each) { return each->drain(t.table).size() == 1; }));
  EXPECT_EQ(t.table.stats().owed, 0U);
}

}  // namespace
}  // namespace futured::core
