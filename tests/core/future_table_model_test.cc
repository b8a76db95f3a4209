// FutureTable against its model: random operations, the same answers, events, states and gauges after each.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "server/core/future_table.h"
#include "server/store/memory_store.h"
#include "tests/core/model_future_table.h"
#include "tests/support/manual_time.h"
#include "tests/support/recording_store.h"
#include "tests/support/recording_subscriber.h"
#include "tests/support/scripted_executor.h"
#include "tests/support/seed.h"

namespace futured::core {
namespace {

using testing::ManualTime;
using testing::ModelEvent;
using testing::ModelFuture;
using testing::ModelFutureTable;
using testing::RecordingStore;
using testing::RecordingSubscriber;
using testing::ScriptedExecutor;
using namespace std::chrono_literals;

constexpr int kOperations = 10'000;
constexpr SessionId kSessions[] = {{0x8000, 0x8000}, {0x8000, 0x8001}, {0x18000, 0x8000}};
constexpr std::uint64_t kCountersPerSession = 120;
const Limits kLimits{
    .max_pending = 150, .max_pending_bytes = 3000, .retention = 30ms, .max_retained = 60, .max_retained_bytes = 4000};
const ScriptedExecutor::Options kExecutors[] = {{"first", 3, 6}, {"second", 2, 3}};

// A timekeeper that also says when an action has run.
class TellingTimekeeper final : public Timekeeper {
 public:
  TellingTimekeeper(Timekeeper& inner, std::function<void()> ran) : inner_(inner), ran_(std::move(ran)) {}
  Id schedule(Time when, std::function<void()> action) override {
    return inner_.schedule(when, [this, action = std::move(action)] {
      action();
      ran_();
    });
  }
  bool cancel(Id id) override { return inner_.cancel(id); }
  void stop() override { inner_.stop(); }

 private:
  Timekeeper& inner_;
  const std::function<void()> ran_;
};

// The table and its model, side by side.
class Pair {
 public:
  Pair(std::uint64_t seed, Store& store)
      : random_(seed),
        timekeeper_(time_,
                    [this] {
                      // In the middle of an operation, which the model has yet to do.
                      if (operating_) ++ticks_;
                      if (!operating_) model_.tick(time_.now());
                    }),
        table_({time_, timekeeper_, store}, kLimits),
        model_(kLimits, {kExecutors[0].max_coroutines, kExecutors[1].max_coroutines}) {
    for (const auto& options : kExecutors) {
      executors_.push_back(std::make_unique<ScriptedExecutor>(table_, time_, options));
    }
  }

  void step() {
    const std::pair<int, void (Pair::*)()> operations[] = {
        {20, &Pair::submit},    {25, &Pair::come},          {25, &Pair::begin_or_end}, {20, &Pair::exchange},
        {8, &Pair::end_later},  {8, &Pair::cancel},         {1, &Pair::cancel_all},    {2, &Pair::change_subscribers},
        {8, &Pair::subscribe},  {10, &Pair::drain},         {6, &Pair::release},       {4, &Pair::forget},
        {15, &Pair::pass_time}, {1, &Pair::pass_long_time}, {2, &Pair::change_state},  {2, &Pair::change_cap},
    };
    int total = 0;
    for (const auto& [weight, operation] : operations) total += weight;
    int drawn = static_cast<int>(below(static_cast<std::uint64_t>(total)));
    for (const auto& [weight, operation] : operations) {
      if ((drawn -= weight) < 0) return (this->*operation)();
    }
  }

  void check() {
    check_gauges();
    check_futures();
    for (const auto& subscriber : subscribers_) {
      ASSERT_EQ(table_.events_waiting(subscriber->id()), model_.events_waiting(subscriber->id()));
    }
    for (std::size_t i = 0; i < executors_.size(); ++i) {
      ASSERT_LE(executors_[i]->woken() + held_by(*executors_[i]), kExecutors[i].max_workers);
    }
  }

  // Everything runs to its end, is read, and is forgotten.
  void finish() {
    for (const auto& executor : executors_) {
      set_state(*executor, ExecutorState::kActive);
    }
    for (int rounds = 0; table_.stats().unfinished > 0; ++rounds) {
      ASSERT_LT(rounds, 100'000) << "it does not come to an end";
      come();
      exchange();
      end_later();
      pass_time();
    }
    while (!subscribers_.empty()) remove_subscriber(0);
    while (!held_.empty()) exchange();
    while (!coroutines_.empty()) end_later();
    move_time(1s);
    check();
    const TableStats stats = table_.stats();
    EXPECT_EQ(stats.retained + stats.owed + stats.running + stats.watches + stats.subscribers, 0U);
    EXPECT_EQ(stats.retained_bytes + stats.unfinished_bytes, 0U);
    EXPECT_EQ(time_.scheduled(), 0U);
  }

 private:
  struct Held {
    ScriptedExecutor* executor;
    std::shared_ptr<Lease> lease;
  };
  struct Coroutine {
    ScriptedExecutor* executor;
    std::shared_ptr<Lease> lease;
    std::size_t entry;
  };
  struct Released {
    Handle handle;
    FutureId id;
    std::uint64_t instance;
  };

  // --- Choosing.

  std::uint64_t below(std::uint64_t end) { return random_() % end; }
  bool one_in(std::uint64_t n) { return below(n) == 0; }
  template <class T>
  T& any(std::vector<T>& of) {
    return of[below(of.size())];
  }
  FutureId any_id() { return make_future_id(kSessions[below(3)], 1 + below(kCountersPerSession)); }
  ScriptedExecutor& any_executor() { return *any(executors_); }

  // What the task of an ID usually is, so that repeated submits are often the same. IDs of a kind go together.
  static constexpr std::uint64_t kKinds = 8;
  TaskGroup options_of(FutureId id) const {
    static constexpr const char* kFunctions[] = {"plain", "plain", "other", "coroutine", "made.up"};
    const std::uint64_t kind = id.low % kKinds;
    TaskGroup options;
    options.function = kFunctions[kind % 5];
    options.executor = executors_[kind % 2]->index();
    if (kind == 2 || kind == 3) options.timeout = std::chrono::microseconds(700 * (kind - 2));
    if (kind == 6) options.timeout = 4ms;
    if (kind == 1 || kind == 7) options.retention = std::chrono::milliseconds(8 * (kind - 1));
    return options;
  }
  static std::string arguments_of(FutureId id) { return std::string(id.low % 40, 'a'); }
  Outcome any_outcome() {
    if (one_in(10)) return Outcome::cancelled();
    if (one_in(5)) return Outcome::failed({Origin::kTask, "E", std::string(below(90), 'e'), "", nullptr, 1, ""});
    return Outcome::succeeded(Bytes(std::string(below(90), 'v')));
  }

  // --- Doing it twice. Ticks that came up meanwhile are the model's afterwards.

  template <class Operation>
  auto on_table(Operation operation) {
    operating_ = true;
    auto result = operation();
    operating_ = false;
    return result;
  }
  void model_done() {
    for (; ticks_ > 0; --ticks_) model_.tick(time_.now());
  }

  void submit() {
    const FutureId first = any_id();
    TaskGroup group = options_of(first);
    if (one_in(30)) group.function = "another";
    if (one_in(60)) group.retention = 1ms;
    std::set<FutureId> ids{first};
    for (std::uint64_t more = below(8); more > 0; --more) {
      const FutureId id = any_id();
      if (id.low % kKinds == first.low % kKinds) ids.insert(id);
    }
    std::vector<NewTask> tasks;
    std::vector<ModelFutureTable::NewTask> model_tasks;
    for (const FutureId id : ids) {
      const std::string arguments = one_in(60) ? "different" : arguments_of(id);
      tasks.push_back({id, Bytes(arguments), ++last_token_});
      model_tasks.push_back({id, arguments, last_token_});
    }
    group.tasks = tasks;
    const SubscriberId watcher = subscribers_.empty() || one_in(2) ? kNoSubscriber : any(subscribers_)->id();
    int acknowledged = 0;
    const auto created = on_table([&] { return table_.create({&group, 1}, watcher, [&] { ++acknowledged; }); });
    const auto refusal = model_.create(group, model_tasks, watcher, time_.now());
    model_done();
    ASSERT_EQ(created.has_value(), !refusal.has_value());
    ASSERT_EQ(acknowledged, refusal ? 0 : 1);
    if (refusal) {
      ASSERT_EQ(created.error().code, *refusal);
    }
  }

  void come() {
    ScriptedExecutor& executor = any_executor();
    if (executor.woken() > 0) take(executor, on_table([&] { return executor.come(); }));
  }
  void take(ScriptedExecutor& executor, const std::shared_ptr<Lease>& lease) {
    if (lease == nullptr) {
      ASSERT_FALSE(model_.front(executor.index())) << "a worker was sent away from work";
    } else {
      ASSERT_EQ(model_.lend(executor.index(), lease, time_.now()), "");
      held_.push_back({&executor, lease});
    }
    model_done();
  }

  bool begin(const Held& held, std::size_t entry) {
    const bool begun = held.executor->begin(*held.lease, entry);
    EXPECT_EQ(begun, model_.begin(*held.lease, entry, time_.now()));
    return begun;
  }
  void end(ScriptedExecutor& executor, Lease& lease, std::size_t entry) {
    const Outcome outcome = any_outcome();
    executor.end(lease, entry, outcome);
    model_.end(lease, entry, time_.now(), outcome);
  }
  // A worker goes on with what it holds, in any order.
  void begin_or_end() {
    if (held_.empty()) return;
    const Held& held = any(held_);
    const std::size_t entry = below(held.lease->size());
    const auto phase = (*held.lease)[entry].phase.load();
    if (phase == LeaseEntry::Phase::kLent || phase == LeaseEntry::Phase::kRevoked) {
      begin(held, entry);
    } else if (phase == LeaseEntry::Phase::kBegun) {
      end(*held.executor, *held.lease, entry);
    }
  }
  // A worker ends what it holds, but for coroutines, and comes for more.
  void exchange() {
    if (held_.empty()) return;
    std::swap(any(held_), held_.back());
    const Held held = held_.back();
    held_.pop_back();
    for (std::size_t i = 0; i < held.lease->size(); ++i) {
      const LeaseEntry& entry = (*held.lease)[i];
      if (entry.phase == LeaseEntry::Phase::kLent) begin(held, i);
      if (entry.phase != LeaseEntry::Phase::kBegun) continue;
      if (entry.is_coroutine && !one_in(4)) {
        coroutines_.push_back({held.executor, held.lease, i});
      } else {
        if (one_in(8)) move_time(std::chrono::microseconds(below(300)));
        end(*held.executor, *held.lease, i);
      }
    }
    const auto next = on_table([&] { return held.executor->exchange(held.lease); });
    model_.exchange(*held.lease);
    take(*held.executor, next);
  }
  // A coroutine ends.
  void end_later() {
    if (coroutines_.empty()) return;
    std::swap(any(coroutines_), coroutines_.back());
    const Coroutine coroutine = coroutines_.back();
    coroutines_.pop_back();
    end(*coroutine.executor, *coroutine.lease, coroutine.entry);
    on_table([&] { return table_.finish(*coroutine.lease, coroutine.entry), 0; });
    model_.finish(*coroutine.lease, coroutine.entry);
    model_done();
  }

  void cancel() {
    std::vector<FutureId> ids;
    for (std::uint64_t more = 1 + below(4); more > 0; --more) ids.push_back(any_id());
    const CancelMode mode = one_in(2) ? CancelMode::kPending : CancelMode::kCooperative;
    const auto effects = on_table([&] { return table_.cancel(ids, mode); });
    ASSERT_EQ(effects, model_.cancel(ids, mode, time_.now()));
    model_done();
  }
  void cancel_all() {
    const std::optional<SessionId> session = one_in(3) ? std::nullopt : std::optional(kSessions[below(3)]);
    const CancelMode mode = one_in(2) ? CancelMode::kPending : CancelMode::kCooperative;
    const auto counts = on_table([&] { return table_.cancel_all(session, mode); });
    const auto expected = model_.cancel_all(session, mode, time_.now());
    model_done();
    ASSERT_EQ(counts.cancelled, expected.cancelled);
    ASSERT_EQ(counts.stop_requested, expected.stop_requested);
  }

  void change_subscribers() {
    if (subscribers_.size() < 4) {
      subscribers_.push_back(RecordingSubscriber::add(table_));
      model_.add_subscriber(subscribers_.back()->id());
    } else {
      remove_subscriber(below(subscribers_.size()));
    }
  }
  void remove_subscriber(std::size_t i) {
    const SubscriberId id = subscribers_[i]->id();
    on_table([&] { return table_.remove_subscriber(id), 0; });
    model_.remove_subscriber(id, time_.now());
    model_done();
    subscribers_.erase(subscribers_.begin() + static_cast<std::ptrdiff_t>(i));
  }
  void subscribe() {
    if (subscribers_.empty()) return;
    const SubscriberId id = any(subscribers_)->id();
    std::vector<WatchRequest> requests;
    for (std::uint64_t more = 1 + below(4); more > 0; --more) requests.push_back({any_id(), ++last_token_});
    const bool report_unknown = one_in(2);
    const auto watched = on_table([&] { return table_.subscribe(id, requests, report_unknown); });
    ASSERT_EQ(watched.has_value(), model_.subscribe(id, requests, report_unknown, time_.now()));
    model_done();
  }
  void drain() {
    if (subscribers_.empty()) return;
    const SubscriberId id = any(subscribers_)->id();
    const std::size_t most = 1 + below(20);
    const std::size_t most_bytes = one_in(2) ? SIZE_MAX : below(300);
    std::vector<Event> events;
    const bool left = on_table([&] { return table_.drain(id, most, most_bytes, events); });
    bool model_left = false;
    const auto expected = model_.drain(id, most, most_bytes, time_.now(), model_left);
    model_done();
    ASSERT_EQ(left, model_left);
    ASSERT_EQ(events.size(), expected.size());
    for (std::size_t i = 0; i < events.size(); ++i) {
      ASSERT_EQ(events[i].token, expected[i].token);
      ASSERT_EQ(events[i].kind, expected[i].kind);
      expect_same(events[i].outcome, expected[i].outcome);
      released_.push_back({events[i].handle, expected[i].id, expected[i].instance});
    }
  }

  // Also handles of futures that are gone, and of those that have not ended.
  void release() {
    if (released_.empty()) return;
    const Released released = any(released_);
    on_table([&] { return table_.release({&released.handle, 1}), 0; });
    model_.release(released.id, released.instance);
    model_done();
    if (released_.size() > 200) released_.erase(released_.begin(), released_.begin() + 100);
  }
  void forget() {
    const FutureId id = any_id();
    const auto effects = on_table([&] { return table_.forget({&id, 1}); });
    ASSERT_EQ(effects.front(), model_.forget(id));
    model_done();
  }

  void move_time(Duration by) { time_.advance(by); }
  void pass_time() { move_time(std::chrono::nanoseconds(below(one_in(4) ? 2'000'000 : 40'000))); }
  // Every lease is called in, so nobody can be left to work for others: idle workers must have been woken.
  void pass_long_time() {
    move_time(5ms + std::chrono::nanoseconds(below(10'000'000)));
    for (std::size_t i = 0; i < executors_.size(); ++i) {
      if (!model_.front(executors_[i]->index()) || held_by(*executors_[i]) >= kExecutors[i].max_workers) continue;
      ASSERT_GT(executors_[i]->woken(), 0U) << "nobody comes for " << to_string(*model_.front(executors_[i]->index()));
    }
  }
  void change_state() {
    static constexpr ExecutorState kStates[] = {ExecutorState::kActive, ExecutorState::kActive, ExecutorState::kPaused,
                                                ExecutorState::kDraining};
    set_state(any_executor(), kStates[below(4)]);
  }
  void set_state(const ScriptedExecutor& executor, ExecutorState state) {
    on_table([&] { return table_.set_executor_state(executor.index(), state), 0; });
    model_.set_executor_state(executor.index(), state);
    model_done();
  }
  void change_cap() {
    static constexpr std::uint64_t kCaps[] = {0, 1, 2, 4};
    const SessionId session = kSessions[below(3)];
    const std::uint64_t cap = kCaps[below(4)];
    on_table([&] { return table_.open_session(session, cap), 0; });
    model_.open_session(session, cap);
    model_done();
  }

  // --- Comparing.

  std::size_t held_by(const ScriptedExecutor& executor) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(held_, [&executor](const Held& held) { return held.executor == &executor; }));
  }

  static void expect_same(const Outcome& outcome, const Outcome& expected) {
    ASSERT_EQ(outcome.state, expected.state);
    ASSERT_EQ(outcome.value.view(), expected.value.view());
    ASSERT_EQ(outcome.error == nullptr, expected.error == nullptr);
    if (outcome.error != nullptr) {
      ASSERT_EQ(outcome.error->message, expected.error->message);
    }
  }

  void check_gauges() {
    const TableStats stats = table_.stats();
    const TableStats expected = model_.stats();
    ASSERT_EQ(stats.submitted, expected.submitted);
    ASSERT_EQ(stats.succeeded, expected.succeeded);
    ASSERT_EQ(stats.failed, expected.failed);
    ASSERT_EQ(stats.cancelled, expected.cancelled);
    ASSERT_EQ(stats.expired, expected.expired);
    ASSERT_EQ(stats.late, expected.late);
    ASSERT_EQ(stats.refused, expected.refused);
    ASSERT_EQ(stats.unfinished, expected.unfinished);
    ASSERT_EQ(stats.unfinished_bytes, expected.unfinished_bytes);
    ASSERT_EQ(stats.running, expected.running);
    ASSERT_EQ(stats.retained, expected.retained);
    ASSERT_EQ(stats.owed, expected.owed);
    ASSERT_EQ(stats.retained_bytes, expected.retained_bytes);
    ASSERT_EQ(stats.subscribers, expected.subscribers);
    ASSERT_EQ(stats.watches, expected.watches);
    const auto executors = table_.executors();
    std::uint64_t running = 0;
    for (const auto& executor : executors_) {
      ASSERT_EQ(executors[executor->index()].pending, model_.pending(executor->index()));
      running += executors[executor->index()].running;
    }
    ASSERT_EQ(running, stats.running);
    ASSERT_LE(stats.retained, kLimits.max_retained);
    ASSERT_LE(stats.retained_bytes, kLimits.max_retained_bytes);
  }

  void check_futures() {
    const auto listed = table_.list({}, 10'000);
    ASSERT_EQ(listed.size(), model_.futures().size());
    std::uint64_t last = 0;
    for (const FutureSnapshot& snapshot : listed) {
      ASSERT_GT(snapshot.sequence, last);
      last = snapshot.sequence;
      const auto expected = model_.futures().find(snapshot.id);
      ASSERT_NE(expected, model_.futures().end()) << to_string(snapshot.id);
      check_future(snapshot, expected->second);
    }
  }
  static void check_future(const FutureSnapshot& snapshot, const ModelFuture& expected) {
    ASSERT_EQ(snapshot.sequence, expected.sequence);
    ASSERT_EQ(snapshot.state, expected.state) << to_string(snapshot.id);
    ASSERT_EQ(snapshot.function, expected.function);
    ASSERT_EQ(snapshot.attempt, expected.attempt);
    ASSERT_EQ(snapshot.started, expected.started);
    ASSERT_EQ(snapshot.arguments_size, expected.arguments.size());
    ASSERT_EQ(snapshot.finished.has_value(), is_final(expected.state));
    if (snapshot.finished) {
      ASSERT_EQ(*snapshot.finished, expected.finished);
    }
    ASSERT_EQ(snapshot.expires.has_value(), is_final(expected.state) && expected.owed == 0);
    if (snapshot.expires) {
      ASSERT_EQ(*snapshot.expires, expected.expires);
    }
    expect_same(snapshot.outcome, expected.outcome);
  }

  std::mt19937_64 random_;
  ManualTime time_;
  TellingTimekeeper timekeeper_;
  FutureTable table_;
  ModelFutureTable model_;
  std::vector<std::unique_ptr<ScriptedExecutor>> executors_;

  bool operating_ = false;
  int ticks_ = 0;
  std::vector<Held> held_;
  std::vector<Coroutine> coroutines_;
  std::vector<std::shared_ptr<RecordingSubscriber>> subscribers_;
  std::vector<Released> released_;
  std::uint64_t last_token_ = 0;
};

void run(std::uint64_t seed, Store& store) {
  Pair pair(seed, store);
  for (int i = 0; i < kOperations; ++i) {
    pair.step();
    if (!::testing::Test::HasFailure()) pair.check();
    if (::testing::Test::HasFailure()) {
      FAIL() << "operation " << i << " of FUTURED_TEST_SEED=" << seed;
    }
  }
  pair.finish();
}

TEST(FutureTableModelTest, DoesWhatItsModelDoes) {
  store::MemoryStore store;
  run(testing::announced_seed(), store);
}

TEST(FutureTableModelTest, DoesTheSameAndTellsItsStore) {
  RecordingStore store;
  run(testing::announced_seed(), store);
  EXPECT_EQ(store.problems(), std::vector<std::string>());
}

}  // namespace
}  // namespace futured::core
