#include "server/store/data_directory.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

namespace futured::store {
namespace {

constexpr int kLooks = 20;
constexpr int kLookEveryMilliseconds = 50;

using core::failure;
using core::Reason;
using core::Status;

Status cannot(const std::string& what, const std::filesystem::path& path) {
  return {Reason::kStoreFailed, "cannot " + what + " " + path.string() + ": " + std::strerror(errno)};
}

std::optional<Status> create(const std::filesystem::path& path) {
  const auto parent = std::filesystem::absolute(path).parent_path();
  std::error_code error;
  std::filesystem::create_directories(parent, error);
  if (::mkdir(path.c_str(), 0700) != 0) return errno == EEXIST ? std::nullopt : std::optional(cannot("create", path));
  if (!sync_directory(parent)) return cannot("sync", parent);
  return std::nullopt;
}

std::optional<Status> check(const std::filesystem::path& path) {
  struct stat found = {};
  if (::lstat(path.c_str(), &found) != 0) return cannot("look at", path);
  const auto refuse = [&](const std::string& why) {
    return Status{Reason::kDataRefused, "refused the data directory " + path.string() + ": " + why};
  };
  if (S_ISLNK(found.st_mode)) return refuse("it is a symbolic link");
  if (!S_ISDIR(found.st_mode)) return refuse("it is not a directory");
  if (found.st_uid != ::geteuid()) {
    return refuse("it belongs to user " + std::to_string(found.st_uid) + ", the daemon runs as user " +
                  std::to_string(::geteuid()));
  }
  if ((found.st_mode & 022) != 0) return refuse("others may write to it; chmod 700 helps");
  return std::nullopt;
}

std::string owner_of(int lock) {
  char text[32] = {};
  const auto length = ::pread(lock, text, sizeof(text) - 1, 0);
  std::string pid(text, length > 0 ? static_cast<std::size_t>(length) : 0);
  while (!pid.empty() && pid.back() == '\n') pid.pop_back();
  return pid.empty() ? "another process" : "process " + pid;
}

// What a daemon that was killed had begun to start holds its lock for the moment until it becomes another program.
bool take(int lock) {
  for (int looks = 0; looks < kLooks; ++looks) {
    if (::flock(lock, LOCK_EX | LOCK_NB) == 0) return true;
    if (errno != EWOULDBLOCK) return false;
    ::poll(nullptr, 0, kLookEveryMilliseconds);
  }
  errno = EWOULDBLOCK;
  return false;
}

}  // namespace

core::Result<DataDirectory> DataDirectory::claim(const std::filesystem::path& path) {
  if (auto status = create(path)) return tl::unexpected(*std::move(status));
  if (auto status = check(path)) return tl::unexpected(*std::move(status));
  const auto file = path / "lock";
  const int lock = ::open(file.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (lock < 0) return tl::unexpected(cannot("open", file));
  DataDirectory claimed(path, lock);
  if (!take(lock)) {
    if (errno != EWOULDBLOCK) return tl::unexpected(cannot("lock", file));
    return failure(Reason::kDataRefused, "the data directory " + path.string() + " is in use by " + owner_of(lock));
  }
  // For people only, and for the refusal above: a full disk must not keep the daemon from starting.
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(lock, 0) == 0) [[maybe_unused]]
    const auto written = ::pwrite(lock, pid.data(), pid.size(), 0);
  return claimed;
}

DataDirectory::DataDirectory(DataDirectory&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

DataDirectory::~DataDirectory() {
  if (lock_ >= 0) ::close(lock_);
}

bool sync_directory(const std::filesystem::path& path) {
  const int directory = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return false;
  const bool synced = ::fsync(directory) == 0;
  ::close(directory);
  return synced;
}

}  // namespace futured::store
