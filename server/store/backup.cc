#include "server/store/backup.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "server/store/data_directory.h"
#include "server/store/open_database.h"

namespace futured::store {
namespace {

using core::Code;
using core::failure;

constexpr int kInstructionsBetweenLooks = 10'000;

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

core::Result<void> publish(const std::filesystem::path& file, const std::filesystem::path& copy) {
  if (::link(file.c_str(), copy.c_str()) == 0 && sync_directory(std::filesystem::absolute(copy).parent_path()))
    return {};
  return failure(errno == EEXIST ? Code::kAlreadyExists : Code::kUnavailable,
                 "cannot make the copy " + copy.string() + ": " + std::strerror(errno));
}

}  // namespace

core::Result<void> back_up(Connection& reader, const std::filesystem::path& copy, std::function<bool()> too_long) {
  if (std::filesystem::exists(std::filesystem::symlink_status(copy))) {
    return failure(Code::kAlreadyExists, "the copy " + copy.string() + " is there already");
  }
  const PartialFile partial(copy.string() + ".partial");
  if (!partial.is_open()) {
    return failure(Code::kUnavailable, "cannot make " + partial.path().string() + ": " + std::strerror(errno));
  }
  sqlite3_progress_handler(reader.get(), kInstructionsBetweenLooks, &look, &too_long);
  auto done = copy_into(reader, partial.path());
  sqlite3_progress_handler(reader.get(), 0, nullptr, nullptr);
  if (!done && done.error().primary_code() == SQLITE_INTERRUPT) {
    return failure(Code::kAborted, "the copy took too long: the write-ahead log grew beyond its limit meanwhile",
                   std::chrono::seconds(1));
  }
  if (done) done = mark_clean(partial.path());
  if (!done) return failure(Code::kUnavailable, "cannot make the copy " + copy.string() + ": " + done.error().message);
  if (!partial.sync()) return failure(Code::kUnavailable, "cannot sync the copy: " + std::string(std::strerror(errno)));
  return publish(partial.path(), copy);
}

core::Result<void> back_up_directory(const std::filesystem::path& directory, std::uint64_t log_limit,
                                     const std::filesystem::path& copy) {
  const std::filesystem::path database = directory / "futured.db";
  if (!std::filesystem::exists(database)) return failure(Code::kNotFound, "there is no " + database.string());
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
