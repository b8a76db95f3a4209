// Damage in SQLite's write-ahead log.
#pragma once

#include <filesystem>

#include "server/core/status.h"

namespace futured::store {

// Refuses a log in which damage is followed by what was written after the damaged part had been synced: SQLite would
// drop all that silently. Damage in the last transaction cannot be told from a commit that a power cut interrupted, and
// is dropped. Reads the file once; changes nothing. REQUIRES: whoever wrote it synced every commit.
core::Result<void> check_log(const std::filesystem::path& log);

}  // namespace futured::store
