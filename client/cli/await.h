// Waiting for one future.
#pragma once

#include <string>

#include "client/cli/connection.h"

namespace futured::cli {

// Waits for the end of --timeout at most. Throws Failure, also when the time is up.
v1::Outcome await_outcome(Connection& connection, const std::string& id);

}  // namespace futured::cli
