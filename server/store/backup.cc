#include "server/store/backup.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "server/store/data_directory.h"
#include "server/store/open_database.h"

namespace futured::store {
namespace {

using core::failure;
using core::Reason;

constexpr int kInstructionsBetweenLooks = 10'000;
// When a full disk may have room again.
constexpr auto kRoomAgainIn = std::chrono::seconds(10);

bool is_full(int system_error) { return system_error == ENOSPC || system_error == EDQUOT; }

tl::unexpected<core::Status> cannot_make(const std::filesystem::path& copy, bool full, const std::string& why) {
  return failure(full ? Reason::kDiskFull : Reason::kCopyFailed, "cannot make the copy " + copy.string() + ": " + why,
                 full ? kRoomAgainIn : std::chrono::milliseconds(0));
}

// What errno says.
tl::unexpected<core::Status> cannot_make(const std::filesystem::path& copy) {
  return cannot_make(copy, is_full(errno), std::strerror(errno));
}

tl::unexpected<core::Status> cannot_make(const std::filesystem::path& copy, const SqliteError& error) {
  return cannot_make(copy, error.primary_code() == SQLITE_FULL || is_full(error.system_error), error.message);
}

std::filesystem::path folder_of(const std::filesystem::path& file) {
  return file.has_parent_path() ? file.parent_path() : ".";
}

// A new, empty file, gone at the end.
class PartialFile {
 public:
  explicit PartialFile(std::filesystem::path path)
      : path_(std::move(path)),
        descriptor_(::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)) {}
  ~PartialFile() {
    if (descriptor_ < 0) return;
    ::close(descriptor_);
    ::unlink(path_.c_str());
  }
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;

  const std::filesystem::path& path() const { return path_; }
  bool is_open() const { return descriptor_ >= 0; }
  bool sync() const { return ::fsync(descriptor_) == 0; }

 private:
  const std::filesystem::path path_;
  const int descriptor_;
};

int look(void* too_long) { return (*static_cast<std::function<bool()>*>(too_long))() ? 1 : 0; }

SqliteResult<void> copy_into(Connection& reader, const std::filesystem::path& file) {
  auto statement = reader.prepare("VACUUM INTO ?1");
  if (!statement) return tl::unexpected(statement.error());
  statement->bind_text(1, file.native());
  return statement->run();
}

// The copy is whole without a log.
SqliteResult<void> mark_clean(const std::filesystem::path& file) {
  auto copy = Connection::open(file, SQLITE_OPEN_READWRITE, "");
  if (!copy) return tl::unexpected(copy.error());
  return copy->execute("PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL; UPDATE meta SET clean = 1");
}

tl::unexpected<core::Status> there_already(const std::filesystem::path& copy) {
  return failure(Reason::kCopyExists, "the copy " + copy.string() + " is there already");
}

core::Result<void> publish(const std::filesystem::path& file, const std::filesystem::path& copy) {
  if (::link(file.c_str(), copy.c_str()) != 0) return errno == EEXIST ? there_already(copy) : cannot_make(copy);
  if (sync_directory(folder_of(copy))) return {};
  auto failed = cannot_make(copy);
  ::unlink(copy.c_str());
  return failed;
}

}  // namespace

core::Result<void> back_up(Connection& reader, const std::filesystem::path& copy, std::function<bool()> too_long) {
  std::error_code unknown;
  if (std::filesystem::exists(std::filesystem::symlink_status(copy, unknown))) return there_already(copy);
  const PartialFile partial(copy.string() + ".partial");
  if (!partial.is_open()) return cannot_make(partial.path());
  sqlite3_progress_handler(reader.get(), kInstructionsBetweenLooks, &look, &too_long);
  auto done = copy_into(reader, partial.path());
  sqlite3_progress_handler(reader.get(), 0, nullptr, nullptr);
  if (!done && done.error().primary_code() == SQLITE_INTERRUPT) {
    return failure(Reason::kCopyTookTooLong,
                   "the copy took too long: the write-ahead log grew beyond its limit meanwhile",
                   std::chrono::seconds(1));
  }
  if (done) done = mark_clean(partial.path());
  if (!done) return cannot_make(copy, done.error());
  if (!partial.sync()) return cannot_make(copy);
  return publish(partial.path(), copy);
}

core::Result<void> check_room(Connection& reader, const std::filesystem::path& copy, std::uint64_t keep_free) {
  const auto size = reader.query_number(
      "SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, pragma_freelist_count,"
      " pragma_page_size");
  if (!size) return cannot_make(copy, size.error());
  std::error_code unknown;
  const std::uint64_t free = std::filesystem::space(folder_of(copy), unknown).available;
  const std::uint64_t needed = static_cast<std::uint64_t>(*size) + keep_free;
  if (unknown || free >= needed) return {};
  return cannot_make(copy, true,
                     "its disk is nearly full: " + std::to_string(free) + " bytes are free, " + std::to_string(needed) +
                         " are needed");
}

core::Result<void> back_up_directory(const std::filesystem::path& directory, std::uint64_t log_limit,
                                     const std::filesystem::path& copy) {
  const std::filesystem::path database = directory / "futured.db";
  if (!std::filesystem::exists(database)) return failure(Reason::kDataMissing, "there is no " + database.string());
  auto reader = open_reader(database, "");
  if (!reader) return tl::unexpected(reader.error());
  const auto log = directory / "futured.db-wal";
  return back_up(*reader, copy, [&] {
    std::error_code missing;
    const auto size = std::filesystem::file_size(log, missing);
    return !missing && size > kLogLimitsOfBackup * log_limit;
  });
}

}  // namespace futured::store
