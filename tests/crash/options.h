// The options of the crash tests' tasks.
#pragma once

#include <cstdint>

#include "futured/v1/future.pb.h"

namespace futured::crash {

// The same whenever it is asked, so that a submission can be repeated.
v1::TaskOptions options_of(std::uint64_t key);

// Whether two tasks call one function with equal options.
bool are_alike(std::uint64_t a, std::uint64_t b);

}  // namespace futured::crash
