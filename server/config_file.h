// The configuration file: TOML whose keys are the rows of settings.h, a table [executors.NAME] for each executor and a
// table [functions."NAME"] for each function that is a program.
#pragma once

#include <string>
#include <tl/expected.hpp>

#include "server/options.h"
#include "server/origins.h"

namespace futured::server {

// Reads the file into `options`, and notes in `origins` where each setting stands. Relative paths in it are relative to
// its directory. The failure names file, line and key: "futured.toml:12: executors.thread.max_workers: must be at least
// 1, got 0".
tl::expected<void, std::string> read_config_file(const std::string& path, Options& options, Origins& origins);

}  // namespace futured::server
