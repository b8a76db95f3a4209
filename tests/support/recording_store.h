// RecordingStore: a store that keeps the log of transitions and checks it.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/core/mutex.h"
#include "server/core/store.h"

namespace futured::testing {

// May be used from any thread. Safe at once, unless hold() was called.
class RecordingStore final : public core::Store {
 public:
  // Without `keeps_futures` it only looks on.
  explicit RecordingStore(bool keeps_futures = true) : keeps_futures_(keeps_futures) {}

  bool wants_transitions() const override { return true; }
  bool keeps_futures() const override { return keeps_futures_; }
  void append(std::vector<core::Transition> transitions, std::function<void()> when_durable) override {
    {
      core::MutexLock lock(mu_);
      for (core::Transition& transition : transitions) {
        check_locked(transition);
        transitions_.push_back(std::move(transition));
      }
      if (holding_) {
        held_.push_back(std::move(when_durable));
        return;
      }
    }
    when_durable();
  }

  // As if a future had been submitted before, and were in `state`.
  void remember(std::uint64_t sequence, core::State state) {
    core::MutexLock lock(mu_);
    states_[sequence] = state;
  }
  // From now on nothing becomes durable.
  void hold() {
    core::MutexLock lock(mu_);
    holding_ = true;
  }
  // What refusal() says from then on.
  void refuse(std::optional<core::Status> why) {
    core::MutexLock lock(mu_);
    refusal_ = std::move(why);
  }
  std::optional<core::Status> refusal() const override {
    core::MutexLock lock(mu_);
    return refusal_;
  }
  // Makes everything durable, and what comes from now on at once.
  void let_go() {
    std::vector<std::function<void()>> held;
    {
      core::MutexLock lock(mu_);
      holding_ = false;
      held.swap(held_);
    }
    for (const auto& when_durable : held) when_durable();
  }

  std::vector<core::Transition> transitions() const {
    core::MutexLock lock(mu_);
    return transitions_;
  }
  // What was wrong with the log: changes of what was never submitted, steps that are not allowed.
  std::vector<std::string> problems() const {
    core::MutexLock lock(mu_);
    return problems_;
  }

 private:
  void check_locked(const core::Transition& transition) FUTURED_REQUIRES(mu_) {
    const auto complain = [&](const char* what) FUTURED_REQUIRES(mu_) {
      problems_.push_back(to_string(transition.id) + " " + std::string(to_string(transition.from)) + " to " +
                          std::string(to_string(transition.to)) + ": " + what);
    };
    const auto [known, fresh] = states_.try_emplace(transition.sequence, transition.to);
    if (fresh) {
      if (transition.from != core::State::kPending || transition.to != core::State::kPending) complain("not submitted");
      if (transition.task == nullptr) return complain("without its task");
      if (transition.task->function.empty() || transition.task->executor.empty()) complain("without its task");
      return;
    }
    if (transition.forgotten) {
      if (!core::is_final(known->second)) complain("forgotten before its end");
      states_.erase(known);
      return;
    }
    if (known->second != transition.from) complain("not from its last state");
    const bool is_request = transition.stop_requested && transition.from == transition.to;
    if (!is_request && !core::may_follow(transition.from, transition.to)) complain("not allowed");
    const core::State outcome = transition.outcome.state;
    if (core::is_final(transition.to) && outcome != transition.to) complain("without its outcome");
    // What is to be attempted again may tell how it failed.
    if (!core::is_final(transition.to) && outcome != core::State::kPending && outcome != core::State::kFailed) {
      complain("with an outcome");
    }
    known->second = transition.to;
  }

  const bool keeps_futures_;

  mutable core::Mutex mu_;
  bool holding_ FUTURED_GUARDED_BY(mu_) = false;
  std::optional<core::Status> refusal_ FUTURED_GUARDED_BY(mu_);
  std::vector<std::function<void()>> held_ FUTURED_GUARDED_BY(mu_);
  std::vector<core::Transition> transitions_ FUTURED_GUARDED_BY(mu_);
  std::map<std::uint64_t, core::State> states_ FUTURED_GUARDED_BY(mu_);
  std::vector<std::string> problems_ FUTURED_GUARDED_BY(mu_);
};

}  // namespace futured::testing
