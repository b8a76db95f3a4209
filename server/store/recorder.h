// Recorder: writes batches into the database, each in one transaction.
#pragma once

#include <cstdint>
#include <string>

#include "server/store/batch.h"
#include "server/store/sqlite.h"
#include "server/store/wall_times.h"

namespace futured::store {

// Not thread-safe.
class Recorder {
 public:
  // `connection` must outlive it.
  static SqliteResult<Recorder> open(Connection& connection);

  // All of the batch is durable on return, or none of it is in the database. Of a future that is changed but is not
  // there the transitions are wrong: SQLITE_INTERNAL.
  SqliteResult<void> write(const Batch& batch, const WallTimes& times);

 private:
  explicit Recorder(Connection& connection) : connection_(&connection) {}

  SqliteResult<void> prepare();
  SqliteResult<void> write_rows(const Batch& batch, const WallTimes& times);
  SqliteResult<void> insert(const Change& change, const WallTimes& times);
  SqliteResult<void> update(const core::Transition& last, const WallTimes& times);
  SqliteResult<void> remove(const Batch& batch);
  // Binds parameters 1 to 11 of an insertion or an ending; `checksum` unless the state is final.
  void bind_progress(Statement& statement, const core::Transition& last, const WallTimes& times, std::int64_t checksum);
  // That of the row that bind_progress() was called for.
  void bind_log(Statement& statement, int parameter);
  void bind_error(Statement& statement, int parameter, const core::Transition& last);

  Connection* connection_;
  Statement begin_;
  Statement commit_;
  Statement insert_;
  Statement update_;
  Statement end_;
  Statement delete_;
  Statement set_sequence_;
  std::uint64_t highest_sequence_ = 0;
  // Of the row that is being written; parameters refer to it.
  std::string error_;
  std::string log_;
};

}  // namespace futured::store
