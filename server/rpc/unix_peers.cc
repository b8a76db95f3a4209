#include "server/rpc/unix_peers.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <string>
#include <utility>

namespace futured::rpc {
namespace {

constexpr std::string_view kPrefix = "fd:";
// The system's table of descriptors is as long as the highest number.
constexpr int kHighest = 1 << 16;

// One above the highest number that a descriptor may have.
int descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  return static_cast<int>(std::min<rlim_t>(limit.rlim_cur, std::numeric_limits<int>::max() / 2));
}

std::optional<int> number_of(std::string_view peer) {
  if (!peer.starts_with(kPrefix)) return std::nullopt;
  peer.remove_prefix(kPrefix.size());
  int number = 0;
  const auto [end, error] = std::from_chars(peer.data(), peer.data() + peer.size(), number);
  if (error != std::errc{} || end != peer.data() + peer.size()) return std::nullopt;
  return number;
}

}  // namespace

core::Result<Descriptor> UnixPeers::take(Descriptor connection) {
  ucred user{};
  socklen_t size = sizeof(user);
  if (::getsockopt(connection.get(), SOL_SOCKET, SO_PEERCRED, &user, &size) != 0 || !may_connect_(user.uid)) {
    const std::string who = std::to_string(user.uid);
    return core::failure(core::Reason::kPermissionDenied, "the user " + who + " may not use the Unix socket");
  }
  const core::MutexLock lock(mu_);
  Descriptor renumbered = renumber_locked(connection.get());
  if (!renumbered.valid()) {
    return core::failure(core::Reason::kTooManyItems, "too many connections to the Unix socket within a short time");
  }
  peers_[renumbered.get()] = {user.uid};
  return renumbered;
}

void UnixPeers::closed(int number) {
  const core::MutexLock lock(mu_);
  const auto peer = peers_.find(number);
  if (peer != peers_.end() && !peer->second.closed_at) peer->second.closed_at = clock_.now();
}

std::optional<uid_t> UnixPeers::user_of(std::string_view peer) const {
  const auto number = number_of(peer);
  if (!number) return std::nullopt;
  const core::MutexLock lock(mu_);
  const auto found = peers_.find(*number);
  if (found == peers_.end()) return std::nullopt;
  return found->second.user;
}

bool UnixPeers::is_free_locked(int number) const {
  const auto peer = peers_.find(number);
  if (peer == peers_.end()) return true;
  return peer->second.closed_at && clock_.now() - *peer->second.closed_at >= kRest;
}

Descriptor UnixPeers::renumber_locked(int connection) {
  if (end_ == 0) {
    end_ = std::min(descriptor_limit(), kHighest);
    first_ = next_ = std::max(end_ / 2, end_ - static_cast<int>(kNumbers));
  }
  for (int tried = first_; tried < end_; ++tried) {
    const int wanted = std::exchange(next_, next_ + 1 < end_ ? next_ + 1 : first_);
    if (!is_free_locked(wanted)) continue;
    Descriptor duplicate(::fcntl(connection, F_DUPFD_CLOEXEC, wanted));
    // The system gives a higher one where something else has that.
    if (duplicate.get() == wanted) return duplicate;
  }
  return {};
}

}  // namespace futured::rpc
