// Durations for people.
#pragma once

#include <chrono>
#include <string>

#include "server/core/clock.h"

namespace futured::core {

// Rounded up: "250 ms", "30 s".
inline std::string text_of(Duration time) {
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(time);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(milliseconds);
  return seconds == milliseconds ? std::to_string(seconds.count()) + " s"
                                 : std::to_string(milliseconds.count()) + " ms";
}

}  // namespace futured::core
