// What can be said of the database's files before SQLite opens them, which may change them.
#pragma once

#include <cstdint>
#include <filesystem>

#include "server/core/status.h"

namespace futured::store {

// "futd": in the header of each of our databases (PRAGMA application_id).
inline constexpr std::uint32_t kApplicationId = 0x66757464;

struct FilesFound {
  bool database = false;
  bool log = false;
  std::uintmax_t database_size = 0;
};

// Creates an empty database file (mode 0600) when there is neither database nor log. Refuses, with a message that names
// the file, and without a change to any:
// - a file that is no SQLite database, or a database of another program;
// - a file that is a symbolic link, belongs to another user, or that others may write to;
// - a log without its database.
// REQUIRES: no connection of this process has the files open, as closing a file drops its locks.
core::Result<FilesFound> check_files(const std::filesystem::path& database, const std::filesystem::path& log);

}  // namespace futured::store
