// Life: the transitions of one future, as the table would tell the store, and what the store should then hold.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/core/store.h"

namespace futured::testing {

inline core::FutureId test_id(std::uint64_t number) { return {0x0123456789ab8def + (number << 40), ~number}; }

// Times are milliseconds on the clock of the test.
inline core::Time test_time(std::int64_t ms) { return core::Time(std::chrono::milliseconds(ms)); }

class Life {
 public:
  explicit Life(std::uint64_t sequence) : sequence_(sequence) { held_.id = test_id(sequence); }

  core::StoredTask task{"sum", "cpu", core::Bytes("arguments"), {}, test_time(1), 9, 0xfedc'ba98'7654'3210};

  core::Transition submit() {
    held_.sequence = sequence_;
    held_.task = task;
    core::Transition transition = step(core::State::kPending, task.submitted);
    transition.task = std::make_unique<const core::StoredTask>(task);
    return transition;
  }
  core::Transition start(std::int64_t ms) {
    held_.started = test_time(ms);
    held_.due.reset();
    ++held_.attempt;
    return step(core::State::kRunning, test_time(ms));
  }
  core::Transition retry(core::Outcome outcome, std::int64_t ms, std::int64_t due_ms) {
    held_.outcome = std::move(outcome);
    held_.due = test_time(due_ms);
    held_.started.reset();
    return step(core::State::kPending, test_time(ms));
  }
  core::Transition ask_to_stop(std::int64_t ms) {
    held_.stop_requested = true;
    return step(held_.state, test_time(ms));
  }
  core::Transition end(const core::Outcome& outcome, std::int64_t ms,
                       std::shared_ptr<const core::StoredLog> log = nullptr) {
    held_.outcome = outcome;
    held_.finished = test_time(ms);
    held_.due.reset();
    held_.task.arguments = core::Bytes();
    held_.stop_requested = false;
    held_.log = std::move(log);
    core::Transition transition = step(outcome.state, test_time(ms));
    transition.log = held_.log;
    return transition;
  }
  core::Transition forget(std::int64_t ms) {
    core::Transition transition = step(held_.state, test_time(ms));
    transition.forgotten = true;
    transition.outcome = core::Outcome();
    return transition;
  }

  core::State state() const { return held_.state; }
  const core::StoredFuture& held() const { return held_; }

 private:
  core::Transition step(core::State to, core::Time at) {
    core::Transition transition{held_.id,  sequence_, held_.state,   to,   held_.attempt, at, held_.started,
                                held_.due, nullptr,   held_.outcome, false};
    transition.stop_requested = held_.stop_requested;
    held_.state = to;
    return transition;
  }

  const std::uint64_t sequence_;
  core::StoredFuture held_;
};

// A list of transitions, `ListOf{life.submit(), life.start(2)}`: braces keep their order.
struct ListOf {
  template <class... T>
  explicit ListOf(T... transitions) {
    (list.push_back(std::move(transitions)), ...);
  }
  // NOLINTNEXTLINE(google-explicit-constructor)
  operator std::vector<core::Transition>() && { return std::move(list); }

  std::vector<core::Transition> list;
};

// Everything of it, as a text to compare.
inline std::string describe(const core::StoredFuture& future) {
  const auto time = [](const std::optional<core::Time>& at) {
    return at ? std::to_string(at->time_since_epoch().count()) : std::string("-");
  };
  std::string text = std::to_string(future.sequence) + " " + to_string(future.id) + " " + future.task.function + " " +
                     future.task.executor + " " + std::string(future.task.arguments.view()) + " " +
                     std::to_string(future.task.arguments_size) + " " + std::to_string(future.task.arguments_hash) +
                     " limit " + std::to_string(future.task.session_limit) + " " +
                     (future.task.account == nullptr
                          ? ""
                          : "of " + future.task.account->name + " in " + future.task.account->name_space + " ") +
                     std::string(to_string(future.state)) + " attempt " + std::to_string(future.attempt) +
                     " submitted " + time(future.task.submitted) + " started " + time(future.started) + " finished " +
                     time(future.finished) + " due " + time(future.due) + " outcome " +
                     std::string(to_string(future.outcome.state)) + " " + std::string(future.outcome.value.view());
  if (future.stop_requested) text += " asked to stop";
  for (const core::Error* error = future.outcome.error.get(); error != nullptr; error = error->cause.get()) {
    text += " error " + std::to_string(static_cast<int>(error->origin)) + " " + error->type + " " + error->message +
            " " + error->traceback + " " + std::to_string(error->attempt) + " " + error->worker;
    if (error->exception != nullptr) text += " " + error->exception->codec + " " + error->exception->data;
  }
  if (future.log == nullptr) return text;
  text += " log " + std::to_string(future.log->end.series) + " " + std::to_string(future.log->end.number);
  for (const core::LogLine& line : future.log->lines) {
    text += " line " + std::to_string(line.number) + " " + std::to_string(line.attempt) + " " +
            std::to_string(static_cast<int>(line.kind)) + " " + std::to_string(line.time.time_since_epoch().count()) +
            " " + std::string(line.text.view());
  }
  return text;
}

}  // namespace futured::testing
