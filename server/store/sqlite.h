// SQLite as values: connections and statements that close themselves, and errors.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace futured::store {

struct SqliteError {
  // SQLite's extended result code.
  int code = SQLITE_OK;
  // errno of the system call that failed; 0: none did.
  int system_error = 0;
  std::string message;

  int primary_code() const { return code & 0xff; }
};

template <class T>
using SqliteResult = tl::expected<T, SqliteError>;

// A prepared statement. Its connection must outlive it. Not thread-safe.
class Statement {
 public:
  Statement() = default;
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

  // Parameters are numbered from 1 and keep their value until bound again. Texts and blobs are not copied: they must
  // live until the statement has run. An error of binding is reported by the next run() or next().
  void bind(int parameter, std::int64_t value) { note(sqlite3_bind_int64(statement_.get(), parameter, value)); }
  void bind_null(int parameter) { note(sqlite3_bind_null(statement_.get(), parameter)); }
  void bind_text(int parameter, std::string_view text) {
    note(sqlite3_bind_text64(statement_.get(), parameter, text.data() == nullptr ? "" : text.data(), text.size(),
                             SQLITE_STATIC, SQLITE_UTF8));
  }
  void bind_blob(int parameter, std::string_view bytes) {
    note(sqlite3_bind_blob64(statement_.get(), parameter, bytes.data() == nullptr ? "" : bytes.data(), bytes.size(),
                             SQLITE_STATIC));
  }

  // Runs it to its end and makes it ready to be run again.
  SqliteResult<void> run();
  // Steps to the next row: whether there is one. After the last, or an error, it is ready to be run again.
  SqliteResult<bool> next();
  void reset() { sqlite3_reset(statement_.get()); }

  // Columns of the present row are numbered from 0; views live until the next step.
  bool is_null(int column) const { return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL; }
  std::int64_t number(int column) const { return sqlite3_column_int64(statement_.get(), column); }
  std::string_view bytes(int column) const {
    const void* data = sqlite3_column_blob(statement_.get(), column);
    return {static_cast<const char*>(data), static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
  }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  void note(int code) {
    if (code != SQLITE_OK) bind_error_ = code;
  }

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int bind_error_ = SQLITE_OK;
};

// Frames of the write-ahead log, and those of them that are in the database file.
struct CheckpointState {
  int frames = 0;
  int moved = 0;
};

// A connection to a database file. Used by one thread at a time. Closing it never checkpoints.
class Connection {
 public:
  // `flags`: SQLITE_OPEN_…; `vfs`: empty for the default one.
  static SqliteResult<Connection> open(const std::filesystem::path& file, int flags, const std::string& vfs);

  // Any number of statements, which give no rows that matter.
  SqliteResult<void> execute(const std::string& sql);
  SqliteResult<Statement> prepare(std::string_view sql);
  // The first column of the first row; 0 when there is none.
  SqliteResult<std::int64_t> query_number(std::string_view sql);
  SqliteResult<std::string> query_text(std::string_view sql);

  // Ends a transaction that failed, if SQLite has not done so itself.
  void roll_back();
  // `mode`: SQLITE_CHECKPOINT_…. A reader in the way is SQLITE_BUSY.
  SqliteResult<CheckpointState> checkpoint(int mode);
  // Rows changed by the last statement.
  std::int64_t changes() const { return sqlite3_changes64(database_.get()); }
  sqlite3* get() const { return database_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
  };
  explicit Connection(sqlite3* database) : database_(database) {}

  std::unique_ptr<sqlite3, Close> database_;
};

// What the last call of the connection failed with.
tl::unexpected<SqliteError> sqlite_failure(sqlite3* database, int code);

}  // namespace futured::store
