// A copy of the database while it is in use.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "server/core/status.h"
#include "server/store/sqlite.h"

namespace futured::store {

// How much the log may grow during a copy, in limits of the log.
inline constexpr std::uint64_t kLogLimitsOfBackup = 4;

// Copies what the reader sees into a new file (mode 0600), which appears under its name when it is complete and synced.
// Refuses an existing one. As the copy keeps the write-ahead log from being written over, it ends (kAborted) when
// `too_long` says so. A full disk is kResourceExhausted. Blocks.
core::Result<void> back_up(Connection& reader, const std::filesystem::path& copy, std::function<bool()> too_long);

// Refuses (kResourceExhausted) when a copy of what the reader sees would leave less than `keep_free` bytes of the disk.
core::Result<void> check_room(Connection& reader, const std::filesystem::path& copy, std::uint64_t keep_free);

// As back_up(), of the database in a data directory that another process may be using, whose log has that limit.
core::Result<void> back_up_directory(const std::filesystem::path& directory, std::uint64_t log_limit,
                                     const std::filesystem::path& copy);

}  // namespace futured::store
