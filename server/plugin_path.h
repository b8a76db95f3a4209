// Where plugins are looked for.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "server/units.h"

namespace futured::server {

// The plugin's absolute path. A name with a slash is a path relative to the working directory. A bare name is looked
// for in `directories`, the first that has it. The failure says where it was looked for.
Parsed<std::string> find_plugin(const std::string& name, const std::vector<std::filesystem::path>& directories);

}  // namespace futured::server
