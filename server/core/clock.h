// Clock: where time comes from, so that tests can move it.
#pragma once

#include <chrono>

namespace futured::core {

using Time = std::chrono::steady_clock::time_point;
using Duration = std::chrono::nanoseconds;
using WallTime = std::chrono::system_clock::time_point;

// Implementations may be called from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  // Monotonic; everything is decided by it.
  virtual Time now() const = 0;
  // Wall time, for display and for what is stored.
  virtual WallTime wall_time() const = 0;
};

// The machine's clocks.
class SystemClock final : public Clock {
 public:
  Time now() const override { return std::chrono::steady_clock::now(); }
  WallTime wall_time() const override { return std::chrono::system_clock::now(); }
};

}  // namespace futured::core
