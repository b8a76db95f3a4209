// Timekeeper: calls functions at their time.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <thread>
#include <utility>

#include "server/core/clock.h"
#include "server/core/mutex.h"

namespace futured::core {

// May be called from any thread.
class Timekeeper {
 public:
  // Time and a number that tells equal times apart.
  using Id = std::pair<Time, std::uint64_t>;

  virtual ~Timekeeper() = default;
  // Calls `action` once at `when`, or as soon as possible after it. Actions run one at a time and must not block.
  virtual Id schedule(Time when, std::function<void()> action) = 0;
  // Drops an action. False when it has begun, or was never scheduled; it may be running still.
  virtual bool cancel(Id id) = 0;
  // Drops all actions and waits for a running one; later ones are dropped as well. Not from an action. May be repeated.
  virtual void stop() = 0;
};

// A timekeeper with one thread, which sleeps until the next action.
class ThreadTimekeeper final : public Timekeeper {
 public:
  ThreadTimekeeper();
  ~ThreadTimekeeper() override { stop(); }

  Id schedule(Time when, std::function<void()> action) override FUTURED_EXCLUDES(mu_);
  bool cancel(Id id) override FUTURED_EXCLUDES(mu_);
  void stop() override FUTURED_EXCLUDES(mu_);

 private:
  void run() FUTURED_EXCLUDES(mu_);

  Mutex mu_;
  CondVar changed_;
  bool stopping_ FUTURED_GUARDED_BY(mu_) = false;
  // When the thread will look again without being told to.
  Time wakes_at_ FUTURED_GUARDED_BY(mu_) = Time::max();
  std::uint64_t next_number_ FUTURED_GUARDED_BY(mu_) = 0;
  std::map<Id, std::function<void()>> actions_ FUTURED_GUARDED_BY(mu_);
  std::thread thread_;
};

}  // namespace futured::core
