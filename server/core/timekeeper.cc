#include "server/core/timekeeper.h"

namespace futured::core {

ThreadTimekeeper::ThreadTimekeeper() : thread_([this] { run(); }) {}

void ThreadTimekeeper::stop() {
  std::map<Id, std::function<void()>> dropped;
  {
    MutexLock lock(mu_);
    stopping_ = true;
    dropped.swap(actions_);
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

Timekeeper::Id ThreadTimekeeper::schedule(Time when, std::function<void()> action) {
  Id id;
  bool earlier;
  {
    MutexLock lock(mu_);
    id = {when, next_number_++};
    if (stopping_) return id;
    actions_.emplace(id, std::move(action));
    earlier = when < wakes_at_;
    if (earlier) wakes_at_ = when;
  }
  if (earlier) changed_.notify_one();
  return id;
}

bool ThreadTimekeeper::cancel(Id id) {
  std::function<void()> dropped;
  MutexLock lock(mu_);
  auto it = actions_.find(id);
  if (it == actions_.end()) return false;
  dropped = std::move(it->second);
  actions_.erase(it);
  return true;
}

void ThreadTimekeeper::run() {
  mu_.lock();
  while (!stopping_) {
    if (actions_.empty()) {
      wakes_at_ = Time::max();
      changed_.wait(mu_);
      continue;
    }
    const auto first = actions_.begin();
    wakes_at_ = first->first.first;
    if (std::chrono::steady_clock::now() < wakes_at_) {
      changed_.wait_until(mu_, wakes_at_);
      continue;
    }
    auto action = std::move(first->second);
    actions_.erase(first);
    // While the action runs, nobody needs to notify: the loop looks again afterwards.
    wakes_at_ = Time::min();
    mu_.unlock();
    action();
    action = nullptr;
    mu_.lock();
  }
  mu_.unlock();
}

}  // namespace futured::core
