// DataDirectory: the folder that a store lives in, taken for one process.
#pragma once

#include <filesystem>

#include "server/core/status.h"

namespace futured::store {

// Holds the folder's lock until it is destroyed or the process ends, however it ends.
class DataDirectory {
 public:
  // Creates the folder (mode 0700) if it is missing. Refuses a symbolic link, a folder of another user, one that others
  // may write to, and one that another process keeps for a second; the message names the folder, and that process.
  // Blocks.
  static core::Result<DataDirectory> claim(const std::filesystem::path& path);

  DataDirectory(DataDirectory&& other) noexcept;
  DataDirectory& operator=(DataDirectory&&) = delete;
  ~DataDirectory();

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path database() const { return path_ / "futured.db"; }
  std::filesystem::path log() const { return path_ / "futured.db-wal"; }
  std::filesystem::path log_index() const { return path_ / "futured.db-shm"; }
  std::filesystem::path ballast() const { return path_ / "ballast"; }

 private:
  DataDirectory(std::filesystem::path path, int lock) : path_(std::move(path)), lock_(lock) {}

  std::filesystem::path path_;
  int lock_;
};

// Makes the names in a folder safe from a power cut. False, with errno: it could not.
bool sync_directory(const std::filesystem::path& path);

}  // namespace futured::store
