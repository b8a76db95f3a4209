// How many descriptors the process may have open.
#pragma once

#include <cstdint>

namespace futured::server {

// Raises the limit to `wanted`, as far as the system lets us; never lowers it. Returns the limit that holds.
std::uint64_t allow_descriptors(std::uint64_t wanted);

}  // namespace futured::server
