// Crash points: named places where a test makes the process die as by kill -9.
//
// The environment's FUTURED_CRASH_AT=NAME[:N] arms one: passing it for the N-th time (default: the first) ends the
// process by SIGKILL. Unarmed, a point costs one load.
#pragma once

#include <string_view>

namespace futured::core {

namespace internal {
extern const bool crash_point_armed;
void pass_crash_point(std::string_view name);
}  // namespace internal

// `name`: "store.before_commit". May be called from any thread.
inline void crash_point(std::string_view name) {
  if (internal::crash_point_armed) [[unlikely]] {
    internal::pass_crash_point(name);
  }
}

}  // namespace futured::core
