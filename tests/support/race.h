// Race: runs two functions at the same moment, again and again, on this thread and one other.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <thread>

namespace futured::testing {

class Race {
 public:
  Race() : thread_([this] { other(); }) {}
  ~Race() {
    stopping_ = true;
    ++started_;
    thread_.join();
  }
  Race(const Race&) = delete;
  Race& operator=(const Race&) = delete;

  // Returns when both have. What they wrote is seen by the caller.
  void run(const std::function<void()>& here, const std::function<void()>& there) {
    there_ = &there;
    const std::uint64_t number = ++started_;
    here();
    while (ended_.load(std::memory_order_acquire) != number) std::this_thread::yield();
  }

 private:
  void other() {
    for (std::uint64_t number = 1;; ++number) {
      while (started_.load(std::memory_order_acquire) != number) std::this_thread::yield();
      if (stopping_) return;
      (*there_)();
      ended_.store(number, std::memory_order_release);
    }
  }

  const std::function<void()>* there_ = nullptr;
  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> started_{0};
  std::atomic<std::uint64_t> ended_{0};
  std::thread thread_;
};

}  // namespace futured::testing
