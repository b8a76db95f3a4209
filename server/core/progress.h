// Progress: how far a running function says it is.
#pragma once

#include <cstddef>
#include <string>

#include "server/core/clock.h"

namespace futured::core {

// Of a message, bytes.
inline constexpr std::size_t kLongestProgressMessage = 256;

struct Progress {
  // 0 to 1.
  double fraction = 0;
  // Valid UTF-8. May be empty.
  std::string message;
  // When the table heard of it.
  Time reported = {};
};

}  // namespace futured::core
