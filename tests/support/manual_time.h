// ManualTime: a clock that moves only when told, and the timekeeper that goes with it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "server/core/clock.h"
#include "server/core/mutex.h"
#include "server/core/timekeeper.h"

namespace futured::testing {

// May be used from any thread.
class ManualTime final : public core::Clock, public core::Timekeeper {
 public:
  core::Time now() const override {
    core::MutexLock lock(mu_);
    return now_;
  }
  // Shows 2001-09-09 01:46:40 UTC at first.
  std::chrono::system_clock::time_point wall_time() const override {
    return std::chrono::system_clock::time_point(std::chrono::seconds(1'000'000'000)) + (now() - kStart);
  }

  // Actions that are due already run at once, on the calling thread.
  Id schedule(core::Time when, std::function<void()> action) override {
    Id id;
    {
      core::MutexLock lock(mu_);
      id = {when, next_number_++};
      if (when > now_) {
        actions_.emplace(id, std::move(action));
        return id;
      }
    }
    action();
    return id;
  }
  bool cancel(Id id) override {
    core::MutexLock lock(mu_);
    return actions_.erase(id) > 0;
  }
  void stop() override {
    core::MutexLock lock(mu_);
    actions_.clear();
  }

  // Moves the clock, and runs what falls due on the calling thread.
  void advance(core::Duration by) {
    const core::Time end = now() + by;
    while (auto action = next_until(end)) action();
  }
  std::size_t scheduled() const {
    core::MutexLock lock(mu_);
    return actions_.size();
  }

 private:
  static constexpr core::Time kStart{std::chrono::hours(1)};

  // Moves the clock to the next action, or to `end` when there is none before it.
  std::function<void()> next_until(core::Time end) {
    core::MutexLock lock(mu_);
    const auto first = actions_.begin();
    if (first == actions_.end() || first->first.first > end) {
      now_ = end;
      return nullptr;
    }
    now_ = first->first.first;
    auto action = std::move(first->second);
    actions_.erase(first);
    return action;
  }

  mutable core::Mutex mu_;
  core::Time now_ FUTURED_GUARDED_BY(mu_) = kStart;
  std::uint64_t next_number_ FUTURED_GUARDED_BY(mu_) = 0;
  std::map<Id, std::function<void()>> actions_ FUTURED_GUARDED_BY(mu_);
};

}  // namespace futured::testing
