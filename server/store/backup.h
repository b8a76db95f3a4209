// A copy of the database while it is in use.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "server/core/status.h"
#include "server/store/sqlite.h"

namespace futured::store {

// Copies what the reader sees into a new file (mode 0600), which appears under its name when it is complete and synced.
// Refuses an existing one. As the copy keeps the write-ahead log from being written over, it ends (kAborted) when
// `too_long` says so. Blocks.
core::Result<void> back_up(Connection& reader, const std::filesystem::path& copy, std::function<bool()> too_long);

}  // namespace futured::store
