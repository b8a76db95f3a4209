// Gate: closed at first, then open for good. What a test waits for, with an end to the waiting.
//
//   Gate running;
//   run_elsewhere([&] { running.open(); … });
//   ASSERT_TRUE(running.wait());
#pragma once

#include <chrono>

#include "server/core/mutex.h"
#include "tests/support/eventually.h"

namespace futured::testing {

// May be used from any thread. What was written before open() is seen after wait().
class Gate {
 public:
  void open() {
    // Notified under the lock, so that a waiter may destroy the gate once it has passed.
    core::MutexLock lock(mu_);
    open_ = true;
    opened_.notify_all();
  }
  // True once the gate is open; false when it is not within `patience`.
  bool wait(std::chrono::nanoseconds patience = kPatience) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    core::MutexLock lock(mu_);
    while (!open_ && std::chrono::steady_clock::now() < deadline) opened_.wait_until(mu_, deadline);
    return open_;
  }

 private:
  core::Mutex mu_;
  core::CondVar opened_;
  bool open_ FUTURED_GUARDED_BY(mu_) = false;
};

}  // namespace futured::testing
