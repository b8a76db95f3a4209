// DiskSpace: notices in time that the disk fills up, and keeps a reserve for that case.
//
// The reserve is a file, the ballast. A full disk keeps even the end of a task from being recorded; giving up the
// ballast makes room for those, while no new task is taken.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "server/core/status.h"
#include "server/store/data_directory.h"

namespace futured::store {

// Bytes that are left for the daemon on the disk of a folder; nothing: the system does not say.
std::optional<std::uint64_t> free_on_disk(const std::filesystem::path& directory);

// Used by one thread at a time. Methods block on the disk.
class DiskSpace {
 public:
  // In bytes; 0: no ballast, no mark.
  struct Settings {
    std::uint64_t ballast = 0;
    std::uint64_t low_water = 0;
  };

  DiskSpace(const DataDirectory& directory, Settings settings);

  // Looks at the disk, and makes the ballast if it is missing and there is room for it above the low-water mark.
  void check();
  // Something could not be written: removes the ballast. There is none before something was written again.
  void give_up_ballast();
  void wrote() { failing_ = false; }
  // Something could not be written, and there is no new ballast since; or the disk is below its mark.
  std::optional<core::Status> refusal() const;

 private:
  bool make_ballast();

  const std::filesystem::path directory_;
  const std::filesystem::path ballast_;
  const Settings settings_;
  std::uint64_t free_ = 0;
  bool holds_ballast_ = false;
  bool full_ = false;
  bool failing_ = false;
};

}  // namespace futured::store
