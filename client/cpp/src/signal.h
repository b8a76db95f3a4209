// Wakes one waiting thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace futured::detail {

// A flag to sleep on. Setting it is remembered until a wait takes it back. Safe from any thread.
class Signal {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  void set() {
    {
      const std::lock_guard lock(mutex_);
      set_ = true;
    }
    changed_.notify_one();
  }

  // Waits until it is set, and clears it. False when the time is up. TimePoint::max(): waits for ever.
  bool wait_until(TimePoint deadline) {
    std::unique_lock lock(mutex_);
    const auto is_set = [this] { return set_; };
    if (deadline == TimePoint::max()) {
      changed_.wait(lock, is_set);
    } else if (!changed_.wait_until(lock, deadline, is_set)) {
      return false;
    }
    set_ = false;
    return true;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool set_ = false;
};

}  // namespace futured::detail
