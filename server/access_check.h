// Checks of the settings that say who reaches the daemon, and how he is known.
#pragma once

#include <string>
#include <tl/expected.hpp>

#include "server/options.h"
#include "server/origins.h"

namespace futured::server {

// Whether they go together, and let nobody in from elsewhere who is not known. The failure names the setting and the
// ways out. Reads no file.
tl::expected<void, std::string> check_access(const Options& options, const Origins& origins);

}  // namespace futured::server
