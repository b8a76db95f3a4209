// The running futures that tell their progress, for `top`.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "client/cli/connection.h"
#include "futured/v1/future.pb.h"

namespace futured::cli {

// Those of the oldest 1,000 that run and have told any. Throws Failure.
std::vector<v1::Future> list_with_progress(Connection& connection);
// Titles, and a line for each with a bar and what it does, in at most `width` columns; the first `most`, and how many
// others there are. Empty if there are none, or the terminal is too narrow.
std::string running_table(const std::vector<v1::Future>& futures, std::size_t width, std::size_t most);

}  // namespace futured::cli
