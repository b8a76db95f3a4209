// ModelPair: a future table and its model, side by side, and random operations on both.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "server/core/future_table.h"
#include "tests/core/model_future_table.h"
#include "tests/support/manual_time.h"
#include "tests/support/recording_subscriber.h"
#include "tests/support/scripted_executor.h"

namespace futured::core {

using testing::ManualTime;
using testing::ModelFuture;
using testing::ModelFutureTable;
using testing::RecordingSubscriber;
using testing::ScriptedExecutor;

// A timekeeper that also says when an action begins, and when it has run.
class TellingTimekeeper final : public Timekeeper {
 public:
  TellingTimekeeper(Timekeeper& inner, std::function<void()> begins, std::function<void()> ran)
      : inner_(inner), begins_(std::move(begins)), ran_(std::move(ran)) {}
  Id schedule(Time when, std::function<void()> action) override {
    return inner_.schedule(when, [this, action = std::move(action)] {
      begins_();
      action();
      ran_();
    });
  }
  bool cancel(Id id) override { return inner_.cancel(id); }
  void stop() override { inner_.stop(); }

 private:
  Timekeeper& inner_;
  const std::function<void()> begins_;
  const std::function<void()> ran_;
};

// A store that also says when something is stored, before it tells the table.
class TellingStore final : public Store {
 public:
  TellingStore(Store& inner, std::function<void()> stored) : inner_(inner), stored_(std::move(stored)) {}
  bool wants_transitions() const override { return inner_.wants_transitions(); }
  bool keeps_futures() const override { return inner_.keeps_futures(); }
  void append(std::vector<Transition> transitions, std::function<void()> when_durable) override {
    inner_.append(std::move(transitions), [this, when_durable = std::move(when_durable)] {
      stored_();
      when_durable();
    });
  }

 private:
  Store& inner_;
  const std::function<void()> stored_;
};

class ModelPair {
 public:
  ModelPair(std::uint64_t seed, Store& store);

  // One random operation, on both. It and what follows fail the test when the two differ.
  void step();
  void check();

  // Everything runs to its end, is read, and is forgotten.
  void finish();

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
  FutureId any_id();
  ScriptedExecutor& any_executor() { return *any(executors_); }
  // Who usually submits in a session, and anybody, often the daemon.
  AccountIndex usual_account(SessionId session) const;
  AccountIndex any_account();

  // What the task of an ID usually is, so that repeated submits are often the same. IDs of a kind go together.
  static constexpr std::uint64_t kKinds = 8;
  TaskGroup options_of(FutureId id) const;
  static std::string arguments_of(FutureId id) { return std::string(id.low % 40, 'a'); }
  Outcome any_outcome();

  // --- Doing it twice. What came up meanwhile comes up in the model afterwards, in the same order.

  template <class Operation>
  auto on_table(Operation operation) {
    operating_ = true;
    auto result = operation();
    operating_ = false;
    return result;
  }
  void replay();

  void submit();
  void come();
  void take(ScriptedExecutor& executor, const std::shared_ptr<Lease>& lease);

  bool begin(const Held& held, std::size_t entry);
  void end(ScriptedExecutor& executor, Lease& lease, std::size_t entry);
  // A worker goes on with what it holds, in any order.
  void begin_or_end();
  // A worker ends what it holds, but for coroutines, and comes for more.
  void exchange();
  // A coroutine ends.
  void end_later();

  void cancel();
  void cancel_all();

  void change_subscribers();
  void remove_subscriber(std::size_t i);
  void subscribe();
  void drain();

  // Also handles of futures that are gone, and of those that have not ended.
  void release();
  void forget();

  void move_time(Duration by) { time_.advance(by); }
  void pass_time() { move_time(std::chrono::nanoseconds(below(one_in(4) ? 2'000'000 : 40'000))); }
  // Every lease is called in, so nobody can be left to work for others: idle workers must have been woken.
  void pass_long_time();
  void change_state();
  void set_state(const ScriptedExecutor& executor, ExecutorState state);
  void change_cap();
  void change_account();

  // --- Comparing.

  std::size_t held_by(const ScriptedExecutor& executor) const;

  static void expect_same(const Outcome& outcome, const Outcome& expected);

  void check_gauges();

  void check_futures();
  void check_accounts();
  static void check_future(const FutureSnapshot& snapshot, const ModelFuture& expected);

  const Limits limits_{.max_pending = 150,
                       .max_pending_bytes = 3000,
                       .retention = std::chrono::milliseconds(30),
                       .max_retained = 60,
                       .max_retained_bytes = 4000};
  std::mt19937_64 random_;
  ManualTime time_;
  TellingTimekeeper timekeeper_;
  TellingStore store_;
  FutureTable table_;
  ModelFutureTable model_;
  std::vector<std::unique_ptr<ScriptedExecutor>> executors_;

  bool operating_ = false;
  // Ticks that have begun and not ended.
  int ticking_ = 0;
  enum class Happening { kTick, kStored };
  std::vector<Happening> happened_;
  std::vector<Held> held_;
  std::vector<Coroutine> coroutines_;
  std::vector<std::shared_ptr<RecordingSubscriber>> subscribers_;
  std::vector<Released> released_;
  std::uint64_t last_token_ = 0;
};

}  // namespace futured::core
