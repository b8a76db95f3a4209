// How long tests of endurance take: little unless the environment asks for more.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <string>

namespace futured::testing {

// FUTURED_CHAOS_SECONDS, which `make chaos` sets; 0: the quick form.
inline std::chrono::seconds chaos_time() {
  const char* given = std::getenv("FUTURED_CHAOS_SECONDS");
  return std::chrono::seconds(given == nullptr ? 0 : std::stoll(given));
}
// So many tries: the first in the quick form.
inline std::size_t tries(std::size_t quick, std::size_t thorough) {
  return chaos_time().count() > 0 ? thorough : quick;
}

}  // namespace futured::testing
