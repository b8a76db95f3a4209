#include "server/store/log_keeper.h"

#include <algorithm>
#include <utility>

#include "server/core/crash_point.h"

namespace futured::store {
namespace {

constexpr std::uint64_t kFrameHeaderSize = 24;
constexpr int kReaderPatienceMs = 100;
constexpr int kUsualPatienceMs = 5000;
// Free space is given back when it is that much, and a quarter of the file.
constexpr std::int64_t kMuchFreeBytes = 16 << 20;
constexpr int kPagesAtOnce = 1024;

}  // namespace

LogKeeper::LogKeeper(Connection& connection, std::uint64_t limit, std::function<void(std::string)> warn)
    : connection_(connection),
      limit_(limit),
      warn_(std::move(warn)),
      frame_size_(static_cast<std::uint64_t>(connection.query_number("PRAGMA page_size").value_or(4096)) +
                  kFrameHeaderSize) {
  sqlite3_busy_timeout(connection_.get(), kUsualPatienceMs);
  sqlite3_wal_hook(connection_.get(), &LogKeeper::on_commit, this);
}

LogKeeper::~LogKeeper() { sqlite3_wal_hook(connection_.get(), nullptr, nullptr); }

int LogKeeper::on_commit(void* self, sqlite3*, const char*, int frames) {
  auto& keeper = *static_cast<LogKeeper*>(self);
  if (frames <= keeper.frames_) keeper.moved_ = keeper.tried_ = 0;  // Written over from the beginning.
  keeper.frames_ = frames;
  keeper.log_bytes_.store(keeper.bytes(frames), std::memory_order_relaxed);
  return SQLITE_OK;
}

SqliteResult<void> LogKeeper::after_commit() {
  return bytes(frames_ - tried_) >= limit_ / 4 ? checkpoint() : SqliteResult<void>();
}

SqliteResult<void> LogKeeper::checkpoint() {
  core::crash_point("store.before_checkpoint");
  tried_ = frames_;
  const auto state = connection_.checkpoint(SQLITE_CHECKPOINT_PASSIVE);
  if (!state && state.error().primary_code() != SQLITE_BUSY) return tl::unexpected(state.error());
  core::crash_point("store.after_checkpoint");
  if (state) moved_ = std::max(moved_, state->moved);
  return bytes(frames_) > limit_ ? truncate() : SqliteResult<void>();
}

SqliteResult<void> LogKeeper::truncate() {
  sqlite3_busy_timeout(connection_.get(), kReaderPatienceMs);
  const auto state = connection_.checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
  sqlite3_busy_timeout(connection_.get(), kUsualPatienceMs);
  if (state) {
    frames_ = moved_ = tried_ = 0;
    log_bytes_.store(0, std::memory_order_relaxed);
    return {};
  }
  if (state.error().primary_code() != SQLITE_BUSY) return tl::unexpected(state.error());
  warn_("the write-ahead log has grown to " + std::to_string(bytes(frames_)) + " bytes, beyond its limit of " +
        std::to_string(limit_) + ": a reader of the database holds it");
  return {};
}

SqliteResult<bool> LogKeeper::when_idle() {
  if (frames_ > moved_) {
    const auto done = checkpoint();
    if (!done) return tl::unexpected(done.error());
    // A reader is in the way: the next commit tries again.
    moved_ = frames_;
  }
  const auto page_size = connection_.query_number("PRAGMA page_size");
  const auto pages = connection_.query_number("PRAGMA page_count");
  const auto free = connection_.query_number("PRAGMA freelist_count");
  for (const auto* number : {&page_size, &pages, &free}) {
    if (!*number) return tl::unexpected(number->error());
  }
  if (*free * *page_size < kMuchFreeBytes || *free < *pages / 4) return false;
  const auto done = connection_.execute("PRAGMA incremental_vacuum(" + std::to_string(kPagesAtOnce) + ")");
  if (!done) return tl::unexpected(done.error());
  return true;
}

SqliteResult<void> LogKeeper::at_end() { return truncate(); }

}  // namespace futured::store
