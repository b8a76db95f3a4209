// FutureTable: what running functions log, and those who observe futures.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "server/core/future_table.h"
#include "tests/core/test_table.h"
#include "tests/support/recording_store.h"

namespace futured::core {
namespace {

using ::testing::ElementsAre;
using testing::failure_of;
using testing::id_of;
using ::testing::IsEmpty;
using testing::RecordingStore;
using testing::RecordingSubscriber;
using testing::shared;
using ::testing::SizeIs;
using testing::TestTable;
using namespace std::chrono_literals;

using Kinds = std::vector<Event::Kind>;

void log(TestTable& t, Lease& lease, const std::string& text, std::uint64_t dropped = 0) {
  const NewLogLine line{LineKind::kInfo, Bytes(text)};
  t.table.append_log(lease, 0, {&line, 1}, dropped);
}

// Somebody who observes future 1 from before it begins.
class Observer {
 public:
  explicit Observer(TestTable& t, Interest interest = Interest::kEverything)
      : t_(t), subscriber_(RecordingSubscriber::add(t.table)) {
    EXPECT_TRUE(t.watch(*subscriber_, {1}));
    const WatchRequest request{id_of(1), 1};
    t.table.observe(subscriber_->id(), {&request, 1}, interest);
  }

  Kinds drain() {
    events_.clear();
    t_.table.drain(subscriber_->id(), 1000, SIZE_MAX, events_, true);
    Kinds kinds;
    for (const Event& event : events_) kinds.push_back(event.kind);
    if (!events_.empty()) handle = events_.back().handle;
    return kinds;
  }
  const Event& last() const { return events_.back(); }
  std::optional<FutureNews> news(std::size_t most_bytes = SIZE_MAX) {
    auto news = t_.table.news(handle, &position, most_bytes);
    if (news) position = news->position;
    return news;
  }
  std::vector<std::string> texts() {
    std::vector<std::string> texts;
    // Named, so that it lives through the loop.
    const auto read = news();
    for (const LogLine& line : read->lines) {
      texts.push_back(std::to_string(line.attempt) + ":" + std::string(line.text.view()));
    }
    return texts;
  }
  std::size_t notifications() const { return subscriber_->notifications(); }

  Handle handle;
  LogPosition position;

 private:
  TestTable& t_;
  std::shared_ptr<RecordingSubscriber> subscriber_;
  std::vector<Event> events_;
};

TEST(FutureTableLogTest, LinesAreKeptWithTheFutureAlsoAfterItsEnd) {
  TestTable t;
  ASSERT_TRUE(t.submit({1}));
  Observer observer(t);
  const auto lease = t.executor.come();
  t.executor.begin(*lease, 0);
  t.time.advance(3s);
  log(t, *lease, "one");
  log(t, *lease, "two", 5);
  EXPECT_EQ(t.state(1), State::kRunning);
  t.executor.end(*lease, 0);
  t.executor.exchange(lease);
  observer.drain();
  const auto news = observer.news();
  EXPECT_EQ(news->state, State::kSucceeded);
  ASSERT_THAT(news->lines, SizeIs(2));
  EXPECT_EQ(news->lines[0].time, t.time.wall_time());
  EXPECT_EQ(news->lines[1].number, 7U);
  EXPECT_EQ(t.snapshot(1).log_lines, 2U);
  EXPECT_EQ(t.snapshot(1).log_lines_dropped, 5U);
}

TEST(FutureTableLogTest, OnlyTheCurrentAttemptIsBelieved) {
  TestTable t({.max_workers = 2});
  ASSERT_TRUE(t.submit({1}, {.timeout = 5s, .policy = shared({.max_attempts = 2, .retry_jitter = 0})}));
  Observer observer(t);
  const auto first = t.executor.come();
  log(t, *first, "not begun");
  t.executor.begin(*first, 0);
  log(t, *first, "first");
  t.time.advance(5s);
  log(t, *first, "between two attempts");
  t.time.advance(60s);
  const auto second = t.executor.come();
  t.executor.begin(*second, 0);
  log(t, *first, "of the old one");
  log(t, *second, "second");
  t.executor.end(*second, 0);
  log(t, *second, "after its end");
  t.executor.exchange(second);
  log(t, *second, "late");
  observer.drain();
  EXPECT_THAT(observer.texts(), ElementsAre("1:first", "2:second"));
}

TEST(FutureTableLogTest, LinesGoWithTheFuture) {
  TestTable t({.max_workers = 2});
  ASSERT_TRUE(t.submit({1}, {.timeout = 5s}));
  Observer observer(t);
  const auto lease = t.executor.come();
  t.executor.begin(*lease, 0);
  log(t, *lease, "one");
  t.time.advance(5s);
  observer.drain();
  t.forget(1);
  EXPECT_FALSE(observer.news());
  const auto next = t.submit_and_take(2);
  ASSERT_EQ((*next)[0].slot, (*lease)[0].slot);
  t.executor.begin(*next, 0);
  log(t, *lease, "late");
  EXPECT_EQ(t.snapshot(2).log_lines, 0U);
  EXPECT_FALSE(observer.news());
}

TEST(FutureTableLogTest, LinesAreStoredWithTheEndAndSurvive) {
  RecordingStore store;
  std::shared_ptr<const StoredLog> stored;
  {
    TestTable t({}, {}, store);
    const auto lease = t.submit_and_take(1);
    t.executor.begin(*lease, 0);
    log(t, *lease, "one");
    t.executor.end(*lease, 0);
    t.executor.exchange(lease);
    for (const Transition& transition : store.transitions()) {
      EXPECT_EQ(transition.log != nullptr, is_final(transition.to));
      stored = transition.log;
    }
  }
  ASSERT_NE(stored, nullptr);
  TestTable t({}, {}, store);
  StoredFuture future;
  future.id = id_of(1);
  future.sequence = 1;
  future.task.function = "plain";
  future.task.executor = t.executor.describe().name;
  future.state = State::kSucceeded;
  future.outcome = Outcome::succeeded(Bytes());
  future.finished = t.time.now();
  future.log = stored;
  t.table.restore({future});
  t.table.restored(1);
  Observer observer(t);
  EXPECT_EQ(observer.drain(), Kinds{Event::Kind::kFinished});
  EXPECT_THAT(observer.texts(), ElementsAre("1:one"));
  EXPECT_EQ(observer.position, stored->end);
}

// --- Observing.

TEST(FutureTableObserveTest, NewsComeTogetherUntilTheyAreRead) {
  TestTable t;
  ASSERT_TRUE(t.submit({1}));
  Observer observer(t);
  EXPECT_EQ(observer.drain(), Kinds{Event::Kind::kNews});
  EXPECT_EQ(observer.news()->state, State::kPending);
  EXPECT_THAT(observer.drain(), IsEmpty());
  const auto lease = t.executor.come();
  t.executor.begin(*lease, 0);
  const std::size_t before = observer.notifications();
  log(t, *lease, "one");
  log(t, *lease, "two");
  t.table.report_progress(*lease, 0, {0.25, ""});
  t.table.report_progress(*lease, 0, {0.5, "half"});
  EXPECT_EQ(observer.notifications(), before + 1);
  EXPECT_EQ(observer.drain(), (Kinds{Event::Kind::kStarted, Event::Kind::kNews}));
  EXPECT_EQ(observer.last().progress->message, "half");
  EXPECT_EQ(observer.news()->progress->fraction, 0.5);
  log(t, *lease, "three");
  EXPECT_EQ(observer.drain(), Kinds{Event::Kind::kNews});
  EXPECT_THAT(observer.texts(), ElementsAre("1:three"));
}

TEST(FutureTableObserveTest, WhoAsksForProgressHearsOfNothingElse) {
  TestTable t;
  ASSERT_TRUE(t.submit({1}, {.policy = shared({.max_attempts = 2, .retry_jitter = 0})}));
  Observer observer(t, Interest::kProgress);
  EXPECT_THAT(observer.drain(), IsEmpty());
  const auto lease = t.executor.come();
  t.executor.begin(*lease, 0);
  log(t, *lease, "one");
  EXPECT_EQ(observer.drain(), Kinds{Event::Kind::kStarted});
  t.table.report_progress(*lease, 0, {0.25, ""});
  EXPECT_EQ(observer.drain(), Kinds{Event::Kind::kNews});
  t.executor.end(*lease, 0, failure_of("E"));
  t.executor.exchange(lease);
  EXPECT_THAT(observer.drain(), IsEmpty());
}

TEST(FutureTableObserveTest, ProgressThatWasToldBeforeIsTold) {
  TestTable t;
  const auto lease = t.submit_and_take(1);
  t.executor.begin(*lease, 0);
  t.table.report_progress(*lease, 0, {0.25, ""});
  Observer observer(t, Interest::kProgress);
  EXPECT_EQ(observer.drain(), (Kinds{Event::Kind::kStarted, Event::Kind::kNews}));
}

TEST(FutureTableObserveTest, NextAttemptIsNews) {
  TestTable t;
  ASSERT_TRUE(t.submit({1}, {.policy = shared({.max_attempts = 2, .retry_jitter = 0})}));
  Observer observer(t);
  const auto lease = t.executor.come();
  t.executor.begin(*lease, 0);
  log(t, *lease, "one");
  observer.drain();
  t.executor.end(*lease, 0, failure_of("E"));
  t.executor.exchange(lease);
  EXPECT_EQ(observer.drain(), Kinds{Event::Kind::kNews});
  EXPECT_EQ(observer.news()->state, State::kPending);
}

TEST(FutureTableObserveTest, OutcomeThatIsHeldIsKeptUntilItIsSettled) {
  TestTable t;
  ASSERT_TRUE(t.submit({1}));
  Observer observer(t);
  const auto lease = t.executor.come();
  t.executor.begin(*lease, 0);
  log(t, *lease, "one");
  t.executor.end(*lease, 0);
  t.executor.exchange(lease);
  observer.drain();
  t.table.release({&observer.handle, 1});
  EXPECT_THAT(observer.texts(), ElementsAre("1:one"));
  EXPECT_EQ(t.table.stats().owed, 1U);
  t.table.settle({&observer.handle, 1});
  EXPECT_EQ(t.table.stats().owed, 0U);
  t.table.release({&observer.handle, 1});
  EXPECT_FALSE(t.exists(1));
  t.table.settle({&observer.handle, 1});
}

TEST(FutureTableObserveTest, LinesAreReadInPieces) {
  TestTable t;
  ASSERT_TRUE(t.submit({1}));
  Observer observer(t);
  const auto lease = t.executor.come();
  t.executor.begin(*lease, 0);
  for (int i = 0; i < 3; ++i) log(t, *lease, std::string(1000, static_cast<char>('a' + i)));
  observer.drain();
  const auto first = observer.news(2200);
  EXPECT_THAT(first->lines, SizeIs(2));
  EXPECT_TRUE(first->more);
  EXPECT_EQ(first->last_line, 3U);
  const auto second = observer.news(1);
  EXPECT_THAT(second->lines, SizeIs(1));
  EXPECT_FALSE(second->more);
  EXPECT_THAT(observer.news()->lines, IsEmpty());
}

TEST(FutureTableObserveTest, WhoLeavesIsNotToldAgain) {
  TestTable t;
  ASSERT_TRUE(t.submit({1}));
  const auto subscriber = RecordingSubscriber::add(t.table);
  ASSERT_TRUE(t.watch(*subscriber, {1}));
  const WatchRequest request{id_of(1), 1};
  t.table.observe(subscriber->id(), {&request, 1}, Interest::kEverything);
  const std::size_t before = subscriber->notifications();
  t.table.remove_subscriber(subscriber->id());
  const auto lease = t.executor.come();
  t.executor.begin(*lease, 0);
  log(t, *lease, "one");
  EXPECT_EQ(subscriber->notifications(), before);
  EXPECT_EQ(t.table.stats().watches, 0U);
}

TEST(FutureTableObserveTest, WhatIsNotWatchedOrUnknownIsPassedOver) {
  TestTable t;
  ASSERT_TRUE(t.submit({1}));
  const auto subscriber = RecordingSubscriber::add(t.table);
  const std::vector<WatchRequest> requests{{id_of(1), 1}, {id_of(99), 2}};
  t.table.observe(subscriber->id(), requests, Interest::kEverything);
  EXPECT_THAT(subscriber->drain(t.table), IsEmpty());
}

}  // namespace
}  // namespace futured::core
