#include "server/security/failed_attempts.h"

#include <algorithm>
#include <utility>

namespace futured::security {

FailedAttempts::Verdict FailedAttempts::count(std::string_view name, core::Time now) {
  const core::MutexLock lock(mu_);
  auto found = peers_.find(name);
  if (found == peers_.end()) {
    make_room_locked();
    found = peers_.emplace(name, Peer()).first;
    found->second.bucket.set_rate(kPerSecond);
  }
  Peer& peer = found->second;
  peer.last = now;
  if (peer.bucket.wait_for(1, now) > core::Duration::zero()) {
    ++peer.suppressed;
    return {true, 0};
  }
  peer.bucket.take(1, now);
  return {false, std::exchange(peer.suppressed, 0)};
}

void FailedAttempts::make_room_locked() {
  if (peers_.size() < kPeers) return;
  peers_.erase(std::ranges::min_element(peers_, {}, [](const auto& entry) { return entry.second.last; }));
}

}  // namespace futured::security
