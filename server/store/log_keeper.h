// LogKeeper: moves what is in the write-ahead log into the database file, and gives free space back.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "server/store/sqlite.h"

namespace futured::store {

// Used by one thread at a time, but for log_bytes().
class LogKeeper {
 public:
  // `connection` must outlive it. `warn` tells of a log that grows beyond `limit` bytes, as a reader holds it.
  LogKeeper(Connection& connection, std::uint64_t limit, std::function<void(std::string)> warn);
  ~LogKeeper();
  LogKeeper(const LogKeeper&) = delete;
  LogKeeper& operator=(const LogKeeper&) = delete;

  // Checkpoints when a quarter of the limit has come since the last time. What was moved is written over from then on,
  // so the log grows beyond the limit only as long as a reader holds it.
  SqliteResult<void> after_commit();
  // A piece of what is to be done when nothing else is; whether there is more.
  SqliteResult<bool> when_idle();
  bool idle_work() const { return frames_ > moved_; }
  // Moves everything and empties the log.
  SqliteResult<void> at_end();

  // Size of the log in use. May be called from any thread.
  std::uint64_t log_bytes() const { return log_bytes_.load(std::memory_order_relaxed); }

 private:
  static int on_commit(void* self, sqlite3* database, const char* name, int frames);

  SqliteResult<void> checkpoint();
  SqliteResult<void> truncate();
  std::uint64_t bytes(int frames) const { return static_cast<std::uint64_t>(frames) * frame_size_; }

  Connection& connection_;
  const std::uint64_t limit_;
  const std::function<void(std::string)> warn_;
  const std::uint64_t frame_size_;
  // In the log; of these in the database file; when a checkpoint was last tried.
  int frames_ = 0;
  int moved_ = 0;
  int tried_ = 0;
  std::atomic<std::uint64_t> log_bytes_{0};
};

}  // namespace futured::store
