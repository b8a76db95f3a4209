// The initializer of a worker that is a program.
#pragma once

#include <string>
#include <vector>

#include "server/core/outcome.h"

namespace futured::worker {

// Runs a program, whose absolute path is the first of `argv`, and blocks until it has ended. It has this process's
// environment, working directory and first three descriptors. The outcome is an error that says how it ended, unless it
// exited with code 0.
core::Outcome run_initializer(const std::vector<std::string>& argv);

}  // namespace futured::worker
