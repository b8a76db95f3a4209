// ExecutorUnderTest: what a kind of executor brings to the conformance suite; and a bench for one test of it.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "futured/codec.h"
#include "futured/registry.h"
#include "futured/task.h"
#include "server/core/future_table.h"
#include "server/store/memory_store.h"
#include "tests/support/gate.h"
#include "tests/support/recording_subscriber.h"

namespace futured::testing {

// An executor that has entered itself into a table. Its destructor stops it.
class ExecutorUnderTest {
 public:
  struct Options {
    unsigned max_workers = 4;
    unsigned max_coroutines = 100;
    // Of a serialized value, in bytes.
    std::uint64_t max_value_size = 1 << 20;
  };
  virtual ~ExecutorUnderTest() = default;
  // Returns when nothing runs any more. REQUIRES: nothing is pending. May be repeated.
  virtual void stop() = 0;
};

// A kind of executor, which runs conformance_functions.h.
struct ExecutorKind {
  std::string name;
  bool has_coroutines = false;
  std::function<std::unique_ptr<ExecutorUnderTest>(core::FutureTable&, const core::Clock&,
                                                   const ExecutorUnderTest::Options&)>
      start;
};
inline void PrintTo(const ExecutorKind& kind, std::ostream* out) { *out << kind.name; }

// A table on the machine's time with one executor. For one thread.
class ExecutorBench {
 public:
  explicit ExecutorBench(const ExecutorKind& kind, const ExecutorUnderTest::Options& options = {})
      : executor(kind.start(table, clock, options)) {}
  // Whatever still runs is asked to stop.
  ~ExecutorBench() {
    table.drain_all();
    table.cancel_all(core::kDaemonAccount, std::nullopt, core::CancelMode::kCooperative);
    executor->stop();
    // A tick may be waking a worker at this moment.
    timekeeper.stop();
    executor = nullptr;
  }

  // Submits a call and watches it. For options: its timeout, and the session that it belongs to.
  template <class R, class... Params, class... Args>
  core::FutureId submit(const Task<R(Params...)>& task, const Args&... args) {
    return submit_bytes(task.name(), encode_arguments(Params(args)...));
  }
  core::FutureId submit_bytes(std::string_view function, std::string_view arguments) {
    core::NewTask call{core::make_future_id(session, ++last_counter_), core::Bytes(arguments), last_counter_};
    core::TaskGroup group{.function = function, .options = {.timeout = timeout}, .tasks = {&call, 1}};
    const auto created = table.create({&group, 1}, subscriber_->id(), nullptr);
    EXPECT_TRUE(created) << created.error().message;
    return call.id;
  }

  // How a future ended; without a state when it does not end.
  core::Outcome outcome(core::FutureId id) {
    while (!outcomes_.contains(id.counter())) {
      const std::size_t seen = subscriber_->notifications();
      const auto events = subscriber_->drain(table);
      for (const core::Event& event : events) {
        if (event.kind != core::Event::Kind::kFinished) continue;
        EXPECT_TRUE(outcomes_.emplace(event.token, event.outcome).second) << event.token << " ended twice";
      }
      if (events.empty() && !subscriber_->wait_beyond(seen)) return {};
    }
    return outcomes_.at(id.counter());
  }
  template <class R>
  R value(core::FutureId id) {
    const core::Outcome ended = outcome(id);
    if (ended.state != core::State::kSucceeded) {
      ADD_FAILURE() << to_string(ended.state) << (ended.error == nullptr ? "" : ": " + ended.error->message);
      return R();
    }
    return decode_value<R>(ended.value.view());
  }
  // What a call failed with; empty when it did not fail.
  core::Error error(core::FutureId id) {
    const core::Outcome ended = outcome(id);
    EXPECT_EQ(ended.state, core::State::kFailed);
    return ended.error == nullptr ? core::Error() : *ended.error;
  }
  core::State state(core::FutureId id) {
    return table.states(core::kDaemonAccount, {&id, 1}).front().value_or(core::State::kPending);
  }
  core::CancelEffect cancel(core::FutureId id, core::CancelMode mode) {
    return table.cancel(core::kDaemonAccount, {&id, 1}, mode).front();
  }

  core::SystemClock clock;
  core::ThreadTimekeeper timekeeper;
  store::MemoryStore store;
  core::FutureTable table{{clock, timekeeper, store}, core::Limits()};
  std::unique_ptr<ExecutorUnderTest> executor;
  // Of what is submitted next.
  core::SessionId session = core::random_session_id();
  core::Duration timeout{-1};

 private:
  std::uint64_t last_counter_ = 0;
  const std::shared_ptr<RecordingSubscriber> subscriber_ = RecordingSubscriber::add(table);
  std::map<std::uint64_t, core::Outcome> outcomes_;
};

}  // namespace futured::testing
