// FutureTable: two that happen at the same moment, many times over.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "server/core/future_table.h"
#include "tests/core/test_table.h"
#include "tests/support/race.h"

namespace futured::core {
namespace {

using testing::id_of;
using testing::Race;
using testing::RecordingSubscriber;
using testing::TestTable;
using namespace std::chrono_literals;

constexpr std::uint64_t kTries = 10'000;

// Each try uses the future of its number, and forgets it.
class FutureTableRaceTest : public ::testing::Test {
 protected:
  // After a try: nothing is left behind.
  void forget(std::uint64_t counter) {
    t.forget(counter);
    const TableStats stats = t.table.stats();
    ASSERT_EQ(stats.unfinished + stats.running + stats.retained + stats.owed + stats.watches, 0U);
  }

  TestTable t{{.max_workers = 2}};
  Race race;
};

TEST_F(FutureTableRaceTest, CancelAgainstStart) {
  for (std::uint64_t i = 1; i <= kTries; ++i) {
    const auto lease = t.submit_and_take(i);
    ASSERT_NE(lease, nullptr);
    bool ran = false;
    CancelEffect effect{};
    race.run([&] { effect = t.cancel(i); },
             [&] {
               ran = t.executor.begin(*lease, 0);
               if (ran) t.executor.end(*lease, 0);
             });
    t.executor.exchange(lease);
    ASSERT_EQ(effect == CancelEffect::kCancelled, !ran);
    ASSERT_EQ(t.state(i), ran ? State::kSucceeded : State::kCancelled);
    forget(i);
  }
  EXPECT_EQ(t.table.stats().late, 0U);
}

TEST_F(FutureTableRaceTest, CancelAgainstEnd) {
  for (std::uint64_t i = 1; i <= kTries; ++i) {
    const auto lease = t.submit_and_take(i);
    t.executor.begin(*lease, 0);
    CancelEffect effect{};
    race.run([&] { effect = t.cancel(i, CancelMode::kCooperative); },
             [&] {
               t.executor.end(*lease, 0);
               t.table.exchange(lease);
             });
    ASSERT_TRUE(effect == CancelEffect::kFinished || effect == CancelEffect::kStopRequested);
    ASSERT_EQ(t.state(i), State::kSucceeded);
    forget(i);
  }
}

TEST_F(FutureTableRaceTest, CallInAgainstStart) {
  t.learn_that_it_is_quick();
  for (std::uint64_t i = 1; i <= kTries; ++i) {
    ASSERT_TRUE(t.submit({2 * i, 2 * i + 1}));
    const auto lease = t.executor.come();
    ASSERT_NE(lease, nullptr);
    const Time now = t.time.now();
    std::vector<std::uint64_t> begun;
    race.run([&] { t.time.advance(2ms); },
             [&] {
               for (std::size_t entry = 0; entry < lease->size(); ++entry) {
                 if (!lease->begin(entry, now)) continue;
                 begun.push_back((*lease)[entry].id.counter());
                 lease->end(entry, now, Outcome::succeeded(Bytes("first")));
               }
             });
    for (auto next = t.executor.exchange(lease); next != nullptr;) next = t.executor.run(next);
    t.executor.run_all();
    for (const std::uint64_t counter : {2 * i, 2 * i + 1}) {
      const bool ran_first = std::ranges::find(begun, counter) != begun.end();
      ASSERT_EQ(t.snapshot(counter).outcome.value.view(), ran_first ? "first" : "");
      ASSERT_EQ(t.snapshot(counter).attempt, 1U);
    }
    t.forget(2 * i);
    forget(2 * i + 1);
  }
}

TEST_F(FutureTableRaceTest, TimeoutAgainstEnd) {
  std::uint64_t timed_out = 0;
  for (std::uint64_t i = 1; i <= kTries; ++i) {
    const auto lease = t.submit_and_take(i, {.timeout = 1ms});
    t.executor.begin(*lease, 0);
    const Time now = t.time.now();
    race.run([&] { t.time.advance(1ms); },
             [&] {
               lease->end(0, now, Outcome::succeeded(Bytes()));
               t.table.exchange(lease);
             });
    const State state = t.state(i);
    ASSERT_TRUE(state == State::kSucceeded || state == State::kFailed);
    timed_out += state == State::kFailed;
    forget(i);
  }
  EXPECT_EQ(t.table.stats().late, timed_out);
}

// semantics 179, 193
TEST_F(FutureTableRaceTest, WatchAgainstFinish) {
  const auto watcher = RecordingSubscriber::add(t.table);
  for (std::uint64_t i = 1; i <= kTries; ++i) {
    const auto lease = t.submit_and_take(i);
    t.executor.begin(*lease, 0);
    t.executor.end(*lease, 0);
    const std::size_t seen = watcher->notifications();
    race.run([&] { ASSERT_TRUE(t.watch(*watcher, {i})); }, [&] { t.table.exchange(lease); });
    ASSERT_EQ(watcher->notifications(), seen + 1);
    const auto events = watcher->drain(t.table);
    ASSERT_EQ(events.size(), 1U);
    ASSERT_EQ(events[0].kind, Event::Kind::kFinished);
    forget(i);
  }
}

TEST_F(FutureTableRaceTest, DrainAgainstFinishLosesNoNotification) {
  const auto watcher = RecordingSubscriber::add(t.table);
  for (std::uint64_t i = 1; i <= kTries; ++i) {
    const auto lease = t.submit_and_take(i, {.watcher = watcher->id()});
    t.executor.begin(*lease, 0);
    t.executor.end(*lease, 0);
    const std::size_t seen = watcher->notifications();
    std::vector<Event> events;
    race.run([&] { events = watcher->drain(t.table); }, [&] { t.table.exchange(lease); });
    ASSERT_EQ(watcher->notifications(), seen + 1);
    for (Event& event : watcher->drain(t.table)) events.push_back(std::move(event));
    ASSERT_EQ(events.size(), 1U);
    forget(i);
  }
}

TEST_F(FutureTableRaceTest, RemovalOfASubscriberAgainstFinish) {
  for (std::uint64_t i = 1; i <= kTries; ++i) {
    const auto watcher = RecordingSubscriber::add(t.table);
    const auto lease = t.submit_and_take(i, {.watcher = watcher->id()});
    t.executor.begin(*lease, 0);
    t.executor.end(*lease, 0);
    race.run([&] { t.table.remove_subscriber(watcher->id()); }, [&] { t.table.exchange(lease); });
    ASSERT_LE(watcher->notifications(), 1U);
    ASSERT_EQ(t.state(i), State::kSucceeded);
    forget(i);
  }
  EXPECT_EQ(t.table.stats().subscribers, 0U);
}

TEST_F(FutureTableRaceTest, EndOfACoroutineAgainstReturnOfItsLease) {
  const auto watcher = RecordingSubscriber::add(t.table);
  for (std::uint64_t i = 1; i <= kTries; ++i) {
    const auto lease = t.submit_and_take(i, {.function = "coroutine", .watcher = watcher->id()});
    t.executor.begin(*lease, 0);
    race.run([&] { t.table.exchange(lease); },
             [&] {
               t.executor.end(*lease, 0);
               t.table.finish(*lease, 0);
             });
    ASSERT_EQ(t.state(i), State::kSucceeded);
    const auto events = watcher->drain(t.table);
    ASSERT_EQ(events.size(), 1U);
    ASSERT_EQ(events[0].kind, Event::Kind::kFinished);
    forget(i);
  }
  EXPECT_EQ(t.table.stats().succeeded, kTries);
}

TEST_F(FutureTableRaceTest, SubmitAgainstTheSameSubmit) {
  for (std::uint64_t i = 1; i <= kTries; ++i) {
    const auto submit = [this, i] {
      NewTask task{id_of(i), Bytes(), 0};
      TaskGroup group{.function = "plain", .executor = t.executor.index(), .tasks = {&task, 1}};
      return t.table.create({&group, 1}, kNoSubscriber, nullptr).has_value();
    };
    bool here = false;
    bool there = false;
    // No worker is woken at the same time, as the executor is for one thread.
    t.table.set_executor_state(t.executor.index(), ExecutorState::kPaused);
    race.run([&] { here = submit(); }, [&] { there = submit(); });
    t.table.set_executor_state(t.executor.index(), ExecutorState::kActive);
    ASSERT_TRUE(here && there);
    t.executor.run_all();
    forget(i);
  }
  EXPECT_EQ(t.table.stats().submitted, kTries);
}

TEST_F(FutureTableRaceTest, ReleaseAgainstANewWatcher) {
  const auto first = RecordingSubscriber::add(t.table);
  const auto second = RecordingSubscriber::add(t.table);
  for (std::uint64_t i = 1; i <= kTries; ++i) {
    t.submit_and_run(i, {.watcher = first->id()});
    const Handle handle = first->drain(t.table).at(0).handle;
    bool watched = false;
    race.run(
        [&] {
          t.table.release({&handle, 1});
        },
        [&] {
          const WatchRequest request{id_of(i), i};
          watched = t.table.subscribe(second->id(), {&request, 1}, false).has_value();
        });
    const auto events = second->drain(t.table);
    ASSERT_EQ(events.size(), watched ? 1U : 0U);
    if (watched) {
      ASSERT_EQ(events[0].kind, Event::Kind::kFinished);
    }
    forget(i);
  }
}

}  // namespace
}  // namespace futured::core
