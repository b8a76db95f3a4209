// FutureTable: everything at once, on many threads and real time.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "server/core/future_table.h"
#include "server/store/memory_store.h"
#include "tests/support/gate.h"
#include "tests/support/recording_store.h"
#include "tests/support/recording_subscriber.h"
#include "tests/support/seed.h"
#include "tests/support/worker_threads.h"

namespace futured::core {
namespace {

using testing::kPatience;
using testing::RecordingStore;
using testing::RecordingSubscriber;
using testing::WorkerThreads;
using namespace std::chrono_literals;

constexpr std::uint64_t kSubmitters = 3;
constexpr std::uint64_t kFuturesEach = 6000;

SessionId session_of(std::uint64_t submitter) { return {0x8000 + submitter, 0x8000}; }

// What is known of one future.
struct Known {
  std::atomic<unsigned> runs{0};
  std::atomic<bool> cancelled{false};
  // Events with its end.
  unsigned ends = 0;
  State state = State::kPending;
};

class Stress {
 public:
  explicit Stress(Store& store)
      : table_({clock_, timekeeper_, store}, {.max_pending = 1500, .retention = 5ms, .max_retained = 200}),
        workers_(std::make_unique<WorkerThreads>(table_, clock_, 3,
                                                 [this](const LeaseEntry& entry) { return run(entry); })) {
    for (auto& known : futures_) known = std::vector<Known>(kFuturesEach + 1);
    for (std::uint64_t i = 0; i < kSubmitters; ++i) table_.open_session(session_of(i), i, kDaemonAccount);
  }
  ~Stress() {
    workers_ = nullptr;
    timekeeper_.stop();
  }

  void run_everything() {
    const std::uint64_t seed = testing::announced_seed();
    std::vector<std::thread> threads;
    std::vector<std::shared_ptr<RecordingSubscriber>> readers;
    for (std::uint64_t i = 0; i < kSubmitters; ++i) {
      readers.push_back(RecordingSubscriber::add(table_));
      threads.emplace_back([this, i, id = readers[i]->id()] { submit_all(i, id); });
      threads.emplace_back([this, i, reader = readers[i]] { read_all(i, *reader); });
    }
    std::vector<std::thread> disturbers;
    for (std::uint64_t i = 0; i < 2; ++i) disturbers.emplace_back([this, i, seed] { disturb(seed + i); });
    for (std::thread& thread : threads) thread.join();
    quiet_ = true;
    for (std::thread& thread : disturbers) thread.join();
    for (const auto& reader : readers) table_.remove_subscriber(reader->id());
    check();
  }

 private:
  Known& known(FutureId id) { return futures_[id.high - 0x8000][id.counter()]; }

  Outcome run(const LeaseEntry& entry) {
    Known& future = known(entry.id);
    ++future.runs;
    if (entry.id.counter() % 50 == 0) std::this_thread::yield();
    if (entry.id.counter() % 7 == 0) return Outcome::failed({Origin::kTask, "E", "m", "", nullptr, 1, ""});
    return Outcome::succeeded(entry.arguments);
  }

  // Submits everything of a session in batches, and comes again when the table is full.
  void submit_all(std::uint64_t submitter, SubscriberId watcher) {
    std::uint64_t next = 1;
    while (next <= kFuturesEach) {
      const std::uint64_t count = std::min<std::uint64_t>(1 + next % 40, kFuturesEach + 1 - next);
      std::vector<NewTask> tasks;
      for (std::uint64_t i = 0; i < count; ++i) {
        tasks.push_back({make_future_id(session_of(submitter), next + i), Bytes(std::to_string(next + i)), next + i});
      }
      TaskGroup group{.function = next % 3 == 0 ? "coroutine" : "plain", .tasks = tasks};
      if (next % 11 == 0) group.options.timeout = 1h;
      const auto created = table_.create({&group, 1}, watcher, nullptr);
      if (created) {
        next += count;
      } else {
        ASSERT_EQ(created.error().reason, Reason::kTooManyPending);
        std::this_thread::yield();
      }
    }
  }

  // Takes the events of a session until every future has ended. Releases some, and leaves others to expire.
  void read_all(std::uint64_t submitter, const RecordingSubscriber& subscriber) {
    std::uint64_t ended = 0;
    std::size_t seen = 0;
    const Time deadline = clock_.now() + kPatience;
    while (ended < kFuturesEach && clock_.now() < deadline) {
      std::vector<Event> events;
      const bool left = table_.drain(subscriber.id(), 64, SIZE_MAX, events);
      std::vector<Handle> handles;
      for (const Event& event : events) {
        if (event.kind == Event::Kind::kStarted) continue;
        ASSERT_EQ(event.kind, Event::Kind::kFinished);
        Known& future = futures_[submitter][event.token];
        ++future.ends;
        future.state = event.outcome.state;
        if (event.token % 2 == 0) handles.push_back(event.handle);
        ++ended;
      }
      table_.release(handles);
      if (!left && events.empty()) std::this_thread::yield();
      seen = subscriber.notifications();
    }
    EXPECT_GT(seen, 0U);
  }

  // Cancels some, looks at others.
  void disturb(std::uint64_t seed) {
    std::mt19937_64 random(seed);
    while (!quiet_) {
      const FutureId id = make_future_id(session_of(random() % kSubmitters), 1 + random() % kFuturesEach);
      switch (random() % 4) {
        case 0:
          if (table_.cancel(kDaemonAccount, {&id, 1}, CancelMode::kPending).front() == CancelEffect::kCancelled) {
            known(id).cancelled = true;
          }
          break;
        case 1:
          table_.get(kDaemonAccount, {&id, 1});
          break;
        case 2:
          watch_for_a_moment(id);
          break;
        default:
          table_.set_executor_state(0, random() % 2 == 0 ? ExecutorState::kPaused : ExecutorState::kActive);
          table_.set_executor_state(0, ExecutorState::kActive);
          break;
      }
      std::this_thread::yield();
    }
  }
  void watch_for_a_moment(FutureId id) {
    const auto watcher = RecordingSubscriber::add(table_);
    const WatchRequest request{id, 0};
    ASSERT_TRUE(table_.subscribe(watcher->id(), {&request, 1}, true));
    for (const Event& event : watcher->drain(table_)) ASSERT_EQ(event.token, 0U);
    table_.remove_subscriber(watcher->id());
  }

  void check() {
    ASSERT_TRUE(table_.wait_until_idle(clock_.now() + kPatience));
    std::uint64_t cancelled = 0;
    for (std::uint64_t i = 0; i < kSubmitters; ++i) {
      for (std::uint64_t counter = 1; counter <= kFuturesEach; ++counter) {
        const Known& future = futures_[i][counter];
        ASSERT_EQ(future.ends, 1U) << counter;
        ASSERT_TRUE(is_final(future.state));
        ASSERT_EQ(future.runs, future.state == State::kCancelled ? 0U : 1U) << counter;
        if (future.cancelled) {
          ASSERT_EQ(future.state, State::kCancelled) << counter;
        }
        if (future.state != State::kCancelled) {
          ASSERT_EQ(future.state == State::kFailed, counter % 7 == 0) << counter;
        }
        cancelled += future.state == State::kCancelled;
      }
    }
    const TableStats stats = table_.stats();
    EXPECT_EQ(stats.submitted, kSubmitters * kFuturesEach);
    EXPECT_EQ(stats.cancelled, cancelled);
    EXPECT_EQ(stats.succeeded + stats.failed + stats.cancelled, stats.submitted);
    EXPECT_EQ(stats.unfinished + stats.unfinished_bytes + stats.owed + stats.watches + stats.subscribers, 0U);
    EXPECT_LE(stats.retained, 200U);
    EXPECT_EQ(stats.late, 0U);
  }

  SystemClock clock_;
  ThreadTimekeeper timekeeper_;
  FutureTable table_;
  std::vector<Known> futures_[kSubmitters];
  std::atomic<bool> quiet_{false};
  std::unique_ptr<WorkerThreads> workers_;
};

TEST(FutureTableStressTest, EveryFutureEndsOnceAndRunsAtMostOnce) {
  store::MemoryStore store;
  Stress(store).run_everything();
}

TEST(FutureTableStressTest, StoreIsToldInTheOrderOfTheChanges) {
  RecordingStore store;
  Stress(store).run_everything();
  EXPECT_EQ(store.problems(), std::vector<std::string>());
}

}  // namespace
}  // namespace futured::core
