// The functions of libfutured_examples.so, for those who call them.
#pragma once

#include <futured/task.h>

#include <cstdint>

namespace examples {

inline constexpr futured::Task<bool(std::uint64_t)> is_prime{"math.is_prime"};
// Seconds. Holds no thread.
inline constexpr futured::Task<void(double)> sleep{"time.sleep"};

}  // namespace examples
