// FailedAttempts: how many callers of each peer came with bad credentials, so that one who tries again and again does
// not flood the log. Nobody is locked out by the failures of others at the same address: 256 random bits are not
// guessed, however often somebody tries.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "server/core/clock.h"
#include "server/core/mutex.h"
#include "server/core/token_bucket.h"

namespace futured::security {

// May be used from any thread.
class FailedAttempts {
 public:
  static constexpr std::uint64_t kPerSecond = 5;
  // Of those that were heard of last.
  static constexpr std::size_t kPeers = 1'000;

  struct Verdict {
    // Not to be logged.
    bool too_many = false;
    // Attempts of the peer that were too many since the last one that was not.
    std::uint64_t suppressed = 0;
  };
  // Counts an attempt. `peer` is the machine or user, without what differs between its connections.
  Verdict count(std::string_view peer, core::Time now) FUTURED_EXCLUDES(mu_);

 private:
  struct Peer {
    core::TokenBucket bucket;
    core::Time last;
    std::uint64_t suppressed = 0;
  };

  void make_room_locked() FUTURED_REQUIRES(mu_);

  core::Mutex mu_;
  std::map<std::string, Peer, std::less<>> peers_ FUTURED_GUARDED_BY(mu_);
};

}  // namespace futured::security
