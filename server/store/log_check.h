// Damage in SQLite's write-ahead log.
#pragma once

#include <filesystem>

#include "server/core/status.h"

namespace futured::store {

// Refuses a log in which damage is followed by what was written after the damaged part had been synced. Reads the file
// once; changes nothing.
core::Result<void> check_log(const std::filesystem::path& log);

}  // namespace futured::store
