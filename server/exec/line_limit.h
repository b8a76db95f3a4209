// LineLimit: how many lines one worker, program or task may log.
#pragma once

#include <cstddef>
#include <utility>

#include "server/core/clock.h"

namespace futured::exec {

// After 1,000 lines within a second the rest of that second is only counted. Not thread-safe.
class LineLimit {
 public:
  // Whether one more line may be written.
  bool allows(core::Time now) {
    if (now - second_ >= std::chrono::seconds(1)) {
      second_ = now;
      lines_ = 0;
    }
    if (++lines_ <= kLinesPerSecond) return true;
    ++dropped_;
    return false;
  }
  // How many were not allowed since this was asked last.
  std::size_t take_dropped() { return std::exchange(dropped_, 0); }

 private:
  static constexpr std::size_t kLinesPerSecond = 1000;

  core::Time second_;
  std::size_t lines_ = 0;
  std::size_t dropped_ = 0;
};

}  // namespace futured::exec
