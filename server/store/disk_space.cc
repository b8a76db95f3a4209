#include "server/store/disk_space.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <limits>
#include <string>

namespace futured::store {

DiskSpace::DiskSpace(const DataDirectory& directory, Settings settings)
    : directory_(directory.path()), ballast_(directory.ballast()), settings_(settings) {
  check();
}

void DiskSpace::check() {
  struct statvfs disk = {};
  free_ = ::statvfs(directory_.c_str(), &disk) == 0 ? std::uint64_t{disk.f_bavail} * disk.f_frsize
                                                    : std::numeric_limits<std::uint64_t>::max();
  if (holds_ballast_ || failing_) return;
  if (free_ < settings_.low_water + settings_.ballast) return;
  holds_ballast_ = make_ballast();
  if (holds_ballast_) full_ = false;
}

void DiskSpace::give_up_ballast() {
  full_ = failing_ = true;
  holds_ballast_ = false;
  ::unlink(ballast_.c_str());
}

std::optional<core::Status> DiskSpace::refusal() const {
  if (!full_ && free_ >= settings_.low_water) return std::nullopt;
  const std::string what = full_ ? "is full" : "is nearly full";
  return core::Status{core::Reason::kDiskFull,
                      "the disk of the data directory " + directory_.string() + " " + what + ": " +
                          std::to_string(free_) + " bytes are free, " +
                          std::to_string(settings_.low_water + (full_ ? settings_.ballast : 0)) + " are needed",
                      std::chrono::seconds(1)};
}

bool DiskSpace::make_ballast() {
  if (settings_.ballast == 0) return true;
  const int file = ::open(ballast_.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (file < 0) return false;
  const bool made = ::posix_fallocate(file, 0, static_cast<off_t>(settings_.ballast)) == 0;
  ::close(file);
  if (!made) ::unlink(ballast_.c_str());
  return made;
}

}  // namespace futured::store
