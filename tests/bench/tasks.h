// The functions of the bench's plugin.
#pragma once

#include <cstdint>
#include <string>

#include "futured/task.h"

namespace futured::bench {

inline constexpr Task<void()> noop{"bench.noop"};
inline constexpr Task<std::string(std::string)> echo{"bench.echo"};
// Holds its thread.
inline constexpr Task<void(std::uint32_t)> block_ms{"bench.block_ms"};
// A coroutine.
inline constexpr Task<void(std::uint32_t)> sleep_ms{"bench.sleep_ms"};

}  // namespace futured::bench
