// The configuration file: TOML whose keys are the rows of settings.h, and a table [executors.NAME] for each executor.
#pragma once

#include <string>
#include <tl/expected.hpp>

#include "server/options.h"

namespace futured::server {

// Reads the file into `options`. Relative paths in it are relative to its directory. The failure names file, line and
// key: "futured.toml:12: executors.thread.max_workers: must be at least 1, got 0".
tl::expected<void, std::string> read_config_file(const std::string& path, Options& options);

}  // namespace futured::server
