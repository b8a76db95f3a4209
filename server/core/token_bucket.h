// TokenBucket: how often something may happen, on average, with a burst of one second's worth.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "server/core/clock.h"

namespace futured::core {

// A bucket that is empty is full again a second later. It is described by when that will be, so that it needs no
// fractions and no timer. Not thread-safe.
class TokenBucket {
 public:
  // 0: no limit. What is missing stays missing for as long as before. REQUIRES: at most 10^9.
  void set_rate(std::uint64_t per_second) { per_second_ = per_second; }

  // How long until `count` may be taken; zero: now. More than the bucket holds may be taken from a full one, on credit,
  // so that nothing has to wait for ever. `now` never goes back.
  Duration wait_for(std::uint64_t count, Time now) const {
    if (per_second_ == 0) return Duration::zero();
    const Duration room = std::max(kSecond - time_of(count), Duration::zero());
    return std::max(full_ - room - now, Duration::zero());
  }
  // REQUIRES: they need not wait.
  void take(std::uint64_t count, Time now) {
    if (per_second_ != 0) full_ = std::max(full_, now) + time_of(count);
  }

 private:
  static constexpr Duration kSecond = std::chrono::seconds(1);

  // In which so many come into the bucket.
  Duration time_of(std::uint64_t count) const {
    constexpr auto kNanoseconds = static_cast<std::uint64_t>(kSecond.count());
    const std::uint64_t rest = count % per_second_ * kNanoseconds / per_second_;
    return Duration(static_cast<Duration::rep>(count / per_second_ * kNanoseconds + rest));
  }

  std::uint64_t per_second_ = 0;
  // When the bucket is full, if nothing is taken meanwhile.
  Time full_;
};

}  // namespace futured::core
