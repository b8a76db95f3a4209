// Opening the database of a data directory: what is taken, what is refused, and what is made anew.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "server/core/clock.h"
#include "server/core/status.h"
#include "server/store/data_directory.h"
#include "server/store/sqlite.h"

namespace futured::store {

struct OpenSettings {
  // False: a power cut may take what was acknowledged last.
  bool sync_every_commit = true;
  // Of the write-ahead log, in bytes.
  std::uint64_t log_limit = 64 << 20;
  // SQLite's name of the file system layer to use; empty: the usual one.
  std::string vfs;
  std::span<const char* const> schema_steps;
};

struct OpenDatabase {
  std::unique_ptr<Connection> connection;
  // The last process to use it closed it in order, or it is new.
  bool closed_in_order = true;
  // 32 hexadecimal digits, drawn when the database was made.
  std::string store_id;
  // How often it was opened, this time included.
  std::int64_t starts = 0;
};

// Makes the database if it is missing, and leads an older schema to the present one. Refuses (kFailedPrecondition, with
// a message that names the file; nothing is changed or removed):
// - what check_files() refuses, and what check_log() does, unless the last daemon did not sync every commit;
// - a newer schema;
// - a database whose log is missing, while the log's index is there, although it was not closed in order;
// - a damaged one, as far as it shows: a whole check is made after an unclean end of files of up to 64 MiB.
core::Result<OpenDatabase> open_database(const DataDirectory& directory, const OpenSettings& settings,
                                         const core::Clock& clock);

// A further connection to a database, which only reads.
core::Result<Connection> open_reader(const std::filesystem::path& database, const std::string& vfs);

// `what`: begins the message. Damage is kFailedPrecondition, anything else kUnavailable.
core::Status to_status(const SqliteError& error, const std::string& what, const std::filesystem::path& file);

}  // namespace futured::store
