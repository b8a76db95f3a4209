// What concerns more than one setting of executors and functions.
#pragma once

#include <string>
#include <tl/expected.hpp>

#include "server/options.h"
#include "server/origins.h"

namespace futured::server {

// Fills in the defaults that depend on other settings, finds programs and directories, and compiles the functions. The
// failure begins with the origin of the setting that is wrong.
tl::expected<void, std::string> complete_executors(Options& options, const Origins& origins,
                                                   const Surroundings& surroundings);

}  // namespace futured::server
