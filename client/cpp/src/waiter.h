// A thread that waits for futures, of any sessions.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "future_state.h"

namespace futured::detail {

// Tells which of some futures get done, in the order in which they do. Those done at the start come first. Each is told
// once. Used by one thread; it must not outlive the futures.
class Waiter {
 public:
  explicit Waiter(const std::vector<StatePtr>& futures);
  ~Waiter();
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  // The index of the next one that is done, waiting until the deadline. Nothing when the time is up.
  // REQUIRES: not all have been told.
  std::optional<std::uint32_t> next(Signal::TimePoint deadline);

 private:
  struct Group {
    std::shared_ptr<Session> session;
    Watch watch;
  };

  Group& group_of(const std::shared_ptr<Session>& session);
  void collect();

  std::shared_ptr<Signal> signal_;
  std::deque<std::uint32_t> ready_;
  std::vector<std::unique_ptr<Group>> groups_;
};

// Waits until the future is done. False when the time is up.
bool wait_until_done(const StatePtr& future, Signal::TimePoint deadline);

}  // namespace futured::detail
