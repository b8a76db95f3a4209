// How a map ends early.
#pragma once

#include <cstdint>

#include "client/cli/failure.h"

namespace futured::cli {

// Prints why a map has no result for an item, and returns the exit code: JSON about the item goes to standard output,
// all else to standard error. To be called where the exception is caught; items count from 1.
ExitCode report_map_failure(std::uint64_t item, bool json);

}  // namespace futured::cli
