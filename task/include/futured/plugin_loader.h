// Loading of plugins, for the programs that run functions.
#pragma once

#include <string>

#include "futured/registry.h"

namespace futured {

// Loads a shared object and lets it add its functions. Throws std::runtime_error, which names the file and the reason:
// it is missing, no plugin, built for another version, or its entry point threw. The program must export its symbols
// (ENABLE_EXPORTS). Not thread-safe.
void load_plugin(const std::string& path, Registry& registry);

}  // namespace futured
