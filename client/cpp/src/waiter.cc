#include "waiter.h"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <thread>

#include "session.h"

namespace futured::detail {
namespace {

// A short call is back before a thread could fall asleep and be woken, so the caller stays awake for about as long. It
// yields, so it takes no time from others.
constexpr auto kLinger = std::chrono::microseconds(50);

}  // namespace

Waiter::Waiter(const std::vector<StatePtr>& futures) : signal_(std::make_shared<Signal>()) {
  for (std::uint32_t index = 0; index < futures.size(); ++index) {
    FutureState& future = *futures[index];
    if (future.done()) {
      ready_.push_back(index);
    } else {
      group_of(future.session).watch.links.push_back({nullptr, &future, index, nullptr, nullptr});
    }
  }
  for (const auto& group : groups_) {
    const std::lock_guard lock(group->session->mutex());
    for (Link& node : group->watch.links) {
      FutureState& future = *node.future;
      node.future = nullptr;
      node.watch = &group->watch;
      if (future.done()) {
        group->watch.completed.push_back(node.index);
      } else {
        link(node, future);
      }
    }
  }
}

Waiter::~Waiter() {
  for (const auto& group : groups_) {
    const std::lock_guard lock(group->session->mutex());
    for (Link& node : group->watch.links) unlink(node);
  }
}

Waiter::Group& Waiter::group_of(const std::shared_ptr<Session>& session) {
  for (const auto& group : groups_) {
    if (group->session == session) return *group;
  }
  auto& group = groups_.emplace_back(std::make_unique<Group>());
  group->session = session;
  group->watch.signal = signal_;
  return *group;
}

void Waiter::collect() {
  for (const auto& group : groups_) {
    const std::lock_guard lock(group->session->mutex());
    ready_.insert(ready_.end(), group->watch.completed.begin(), group->watch.completed.end());
    group->watch.completed.clear();
    group->watch.signalled = false;
  }
}

std::optional<std::uint32_t> Waiter::next(Signal::TimePoint deadline) {
  if (ready_.empty()) collect();
  while (ready_.empty()) {
    const bool in_time = signal_->wait_until(deadline);
    collect();
    if (!in_time && ready_.empty()) return std::nullopt;
  }
  const std::uint32_t index = ready_.front();
  ready_.pop_front();
  return index;
}

bool wait_until_done(const StatePtr& future, Signal::TimePoint deadline) {
  if (future->done()) return true;
  const auto awake_until = std::min(deadline, std::chrono::steady_clock::now() + kLinger);
  while (std::chrono::steady_clock::now() < awake_until) {
    std::this_thread::yield();
    if (future->done()) return true;
  }
  return Waiter({future}).next(deadline).has_value() || future->done();
}

}  // namespace futured::detail
