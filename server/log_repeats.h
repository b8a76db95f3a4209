// LogRepeats: of lines that are alike, so many a second are written, and the others counted.
//
// Lines are alike if level, message and all fields are equal. A second begins with the first of them.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "server/core/clock.h"
#include "server/log_line.h"

namespace futured::server {

// Not thread-safe.
class LogRepeats {
 public:
  // Lines that it remembers; what comes beyond them within a second is written.
  static constexpr std::size_t kMostRemembered = 1024;

  explicit LogRepeats(std::uint64_t per_second) : per_second_(per_second) {}

  // A line of which some were held back.
  struct Repeated {
    LogLevel level = LogLevel::kInfo;
    std::string message;
    std::vector<LogField> fields;
    std::uint64_t times = 0;
  };
  // Takes the lines of which some were held back in a second that is over at `now`.
  std::vector<Repeated> take_over(core::Time now);
  // Takes all of them.
  std::vector<Repeated> take_all() { return take_over(core::Time::max()); }
  // Whether a line is to be written. REQUIRES: take_over(now) was called.
  bool admits(LogLevel level, std::string_view message, std::span<const LogField> fields, core::Time now);

 private:
  struct Second {
    std::uint64_t seen = 0;
    Repeated held_back;
  };
  struct End {
    core::Time at;
    std::size_t line = 0;
  };

  const std::uint64_t per_second_;
  // By the hash of the line.
  std::unordered_map<std::size_t, Second> seconds_;
  // When they are over, the next one first.
  std::deque<End> ends_;
};

}  // namespace futured::server
