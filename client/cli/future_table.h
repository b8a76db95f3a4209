// Printing of many futures.
#pragma once

#include <vector>

#include "client/cli/globals.h"
#include "futured/v1/future.pb.h"

namespace futured::cli {

// As a table, or as a JSON object a line.
void print_futures(const std::vector<v1::Future>& futures, const Globals& globals);

}  // namespace futured::cli
