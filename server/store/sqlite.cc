#include "server/store/sqlite.h"

#include <cstring>
#include <utility>

namespace futured::store {

tl::unexpected<SqliteError> sqlite_failure(sqlite3* database, int code) {
  SqliteError error{code, 0, sqlite3_errstr(code)};
  if (database != nullptr) {
    error.code = sqlite3_extended_errcode(database);
    error.message = sqlite3_errmsg(database);
    if (error.primary_code() == SQLITE_OK) error = {code, 0, sqlite3_errstr(code)};
    error.system_error = sqlite3_system_errno(database);
  }
  const int primary = error.primary_code();
  const bool of_system = primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN || primary == SQLITE_FULL;
  if (!of_system) error.system_error = 0;
  if (error.system_error != 0) error.message += std::string(": ") + std::strerror(error.system_error);
  return tl::unexpected<SqliteError>(std::move(error));
}

SqliteResult<void> Statement::run() {
  const auto row = next();
  if (!row) return tl::unexpected(row.error());
  if (*row) reset();
  return {};
}

SqliteResult<bool> Statement::next() {
  if (bind_error_ != SQLITE_OK) return sqlite_failure(nullptr, std::exchange(bind_error_, SQLITE_OK));
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    reset();
    return false;
  }
  auto error = sqlite_failure(sqlite3_db_handle(statement_.get()), code);
  reset();
  return error;
}

SqliteResult<Connection> Connection::open(const std::filesystem::path& file, int flags, const std::string& vfs) {
  sqlite3* database = nullptr;
  const int code =
      sqlite3_open_v2(file.c_str(), &database, flags | SQLITE_OPEN_EXRESCODE, vfs.empty() ? nullptr : vfs.c_str());
  Connection connection(database);
  if (code != SQLITE_OK) return sqlite_failure(database, code);
  sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  return connection;
}

SqliteResult<void> Connection::execute(const std::string& sql) {
  const int code = sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return sqlite_failure(database_.get(), code);
  return {};
}

SqliteResult<Statement> Connection::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(database_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return sqlite_failure(database_.get(), code);
  return Statement(statement);
}

SqliteResult<std::int64_t> Connection::query_number(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement) return tl::unexpected(statement.error());
  const auto row = statement->next();
  if (!row) return tl::unexpected(row.error());
  return *row ? statement->number(0) : 0;
}

SqliteResult<std::string> Connection::query_text(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement) return tl::unexpected(statement.error());
  const auto row = statement->next();
  if (!row) return tl::unexpected(row.error());
  return *row ? std::string(statement->bytes(0)) : std::string();
}

void Connection::roll_back() {
  if (sqlite3_get_autocommit(database_.get()) == 0) {
    sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
}

SqliteResult<CheckpointState> Connection::checkpoint(int mode) {
  CheckpointState state;
  const int code = sqlite3_wal_checkpoint_v2(database_.get(), nullptr, mode, &state.frames, &state.moved);
  if (code != SQLITE_OK) return sqlite_failure(database_.get(), code);
  return state;
}

}  // namespace futured::store
