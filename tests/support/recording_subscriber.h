// RecordingSubscriber: a subscriber that counts its notifications and can be waited for.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

#include "server/core/future_table.h"
#include "server/core/mutex.h"
#include "server/core/subscriber.h"
#include "tests/support/gate.h"

namespace futured::testing {

// May be used from any thread.
class RecordingSubscriber final : public core::Subscriber {
 public:
  // Registers one. REQUIRES: the table takes it.
  static std::shared_ptr<RecordingSubscriber> add(core::FutureTable& table,
                                                  core::AccountIndex account = core::kDaemonAccount) {
    auto subscriber = std::make_shared<RecordingSubscriber>();
    subscriber->id_ = table.add_subscriber(subscriber, account).value();
    return subscriber;
  }

  core::SubscriberId id() const { return id_; }
  void notify() override {
    core::MutexLock lock(mu_);
    ++notifications_;
    notified_.notify_all();
  }
  std::size_t notifications() const {
    core::MutexLock lock(mu_);
    return notifications_;
  }
  // Waits until there were more than `seen` notifications. False when they don't come.
  bool wait_beyond(std::size_t seen) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    core::MutexLock lock(mu_);
    while (notifications_ <= seen && std::chrono::steady_clock::now() < deadline) notified_.wait_until(mu_, deadline);
    return notifications_ > seen;
  }

  // All events that wait.
  std::vector<core::Event> drain(core::FutureTable& table) const {
    std::vector<core::Event> events;
    while (table.drain(id_, 1000, SIZE_MAX, events)) {
    }
    return events;
  }

 private:
  // Set once by add().
  core::SubscriberId id_ = core::kNoSubscriber;
  mutable core::Mutex mu_;
  core::CondVar notified_;
  std::size_t notifications_ FUTURED_GUARDED_BY(mu_) = 0;
};

}  // namespace futured::testing
