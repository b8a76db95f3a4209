// WallTimes: between the steady times that the daemon decides by and the wall times that are stored.
#pragma once

#include <cstdint>
#include <optional>

#include "server/core/clock.h"

namespace futured::store {

class WallTimes {
 public:
  // By what both clocks show at the moment.
  explicit WallTimes(const core::Clock& clock)
      : offset_(std::chrono::nanoseconds(clock.wall_time().time_since_epoch()) - clock.now().time_since_epoch()) {}

  // Nanoseconds since 1970, UTC.
  std::int64_t stored(core::Time time) const { return (time.time_since_epoch() + offset_).count(); }
  core::Time steady(std::int64_t stored) const { return core::Time(std::chrono::nanoseconds(stored) - offset_); }

 private:
  std::chrono::nanoseconds offset_;
};

}  // namespace futured::store
