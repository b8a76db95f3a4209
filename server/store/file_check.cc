#include "server/store/file_check.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

#include "server/store/data_directory.h"

namespace futured::store {
namespace {

using core::failure;
using core::Reason;

constexpr std::string_view kMagic("SQLite format 3\0", 16);
constexpr std::size_t kHeaderSize = 100;
constexpr std::size_t kApplicationIdAt = 68;

std::string system_text() { return std::strerror(errno); }

// Whether it is there; its size into `size`.
core::Result<bool> check_file(const std::filesystem::path& file, std::uintmax_t& size) {
  struct stat found = {};
  if (::lstat(file.c_str(), &found) != 0) {
    if (errno == ENOENT) return false;
    return failure(Reason::kStoreFailed, "cannot look at " + file.string() + ": " + system_text());
  }
  const auto refuse = [&](const char* why) {
    return failure(Reason::kDataRefused, "refused " + file.string() + ": " + why);
  };
  if (!S_ISREG(found.st_mode)) return refuse("it is not a regular file");
  if (found.st_uid != ::geteuid()) return refuse("it belongs to another user");
  if ((found.st_mode & 022) != 0) return refuse("others may write to it; chmod 600 helps");
  size = static_cast<std::uintmax_t>(found.st_size);
  return true;
}

core::Result<void> check_header(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (descriptor < 0) return failure(Reason::kStoreFailed, "cannot open " + file.string() + ": " + system_text());
  unsigned char header[kHeaderSize] = {};
  const auto length = ::pread(descriptor, header, sizeof(header), 0);
  ::close(descriptor);
  if (length < 0) return failure(Reason::kStoreFailed, "cannot read " + file.string() + ": " + system_text());
  if (length < static_cast<ssize_t>(kHeaderSize) || std::memcmp(header, kMagic.data(), kMagic.size()) != 0) {
    return failure(Reason::kDataRefused, file.string() +
                                             " is not an SQLite database, or a damaged one; it was "
                                             "not touched");
  }
  const auto* id = header + kApplicationIdAt;
  const auto application = std::uint32_t{id[0]} << 24 | std::uint32_t{id[1]} << 16 | std::uint32_t{id[2]} << 8 | id[3];
  if (application != kApplicationId) {
    return failure(Reason::kDataRefused, file.string() + " is a database of another program; it was not touched");
  }
  return {};
}

core::Result<void> create(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (descriptor < 0) return failure(Reason::kStoreFailed, "cannot create " + file.string() + ": " + system_text());
  ::close(descriptor);
  if (!sync_directory(file.parent_path())) {
    return failure(Reason::kStoreFailed, "cannot sync " + file.parent_path().string() + ": " + system_text());
  }
  return {};
}

}  // namespace

core::Result<FilesFound> check_files(const std::filesystem::path& database, const std::filesystem::path& log) {
  FilesFound found;
  std::uintmax_t log_size = 0;
  const auto has_database = check_file(database, found.database_size);
  if (!has_database) return tl::unexpected(has_database.error());
  const auto has_log = check_file(log, log_size);
  if (!has_log) return tl::unexpected(has_log.error());
  found.database = found.database_size > 0;
  found.log = *has_log;
  if (!found.database && log_size > 0) {
    return failure(Reason::kDataRefused, database.string() + " is missing or empty, but there is its log " +
                                             log.string() + "; neither was touched");
  }
  core::Result<void> checked;
  if (!*has_database) checked = create(database);
  if (found.database) checked = check_header(database);
  if (!checked) return tl::unexpected(checked.error());
  return found;
}

}  // namespace futured::store
