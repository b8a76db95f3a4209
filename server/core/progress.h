// Progress: how far a running function says it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

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

// Of those that told any; null for others.
using ProgressBySlot = std::unordered_map<std::uint32_t, std::shared_ptr<const Progress>>;
inline std::shared_ptr<const Progress> progress_of(const ProgressBySlot& all, std::uint32_t slot) {
  const auto found = all.find(slot);
  return found == all.end() ? nullptr : found->second;
}

}  // namespace futured::core
