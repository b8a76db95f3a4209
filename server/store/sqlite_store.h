// SqliteStore: futures survive in an SQLite database, which SCHEMA.md describes.
//
//   auto store = SqliteStore::open({.directory = "/var/lib/futured"}, clock, callbacks);
//   (*store)->load([&](std::vector<core::StoredFuture> futures) { … });
//   (*store)->append(transitions, [] { /* safe from kill -9 and power cuts */ });
//
// One thread of its own writes, syncs and checkpoints: SQLite of Debian 12 can damage a database when one connection
// commits while another checkpoints. All else only reads.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/core/clock.h"
#include "server/core/status.h"
#include "server/core/store.h"
#include "server/store/data_directory.h"
#include "server/store/writer.h"

namespace futured::store {

struct Options {
  std::filesystem::path directory;
  // False: a power cut may take what was acknowledged last; a crash of the daemon takes nothing.
  bool sync_every_commit = true;
  // The write-ahead log is kept below, in bytes, unless a reader holds it. Backups end at four times as much.
  std::uint64_t log_limit = std::uint64_t{64} << 20;
  // A file that is given up when the disk is full, so that ends of tasks can still be recorded. In bytes; 0: none.
  std::uint64_t ballast = std::uint64_t{16} << 20;
  // With fewer bytes free on the disk no new future is taken.
  std::uint64_t low_water = std::uint64_t{64} << 20;
  // When it was idle and gets submissions, it waits so long for what becomes of them, to store both with one sync.
  std::chrono::microseconds gather_for{250};
  // SQLite's name of the file system layer to use; empty: the usual one.
  std::string vfs = {};
};

// Thread-safe. A future of a task that is ephemeral must not be appended: transitions of a future that is not in the
// database are a failure for good.
class SqliteStore final : public core::Store {
 public:
  using Consumer = std::function<void(std::vector<core::StoredFuture>)>;

  // Takes the directory (DataDirectory::claim) and opens the database in it (open_database). `clock` must outlive the
  // store. Blocks.
  static core::Result<std::unique_ptr<SqliteStore>> open(const Options& options, const core::Clock& clock,
                                                         Callbacks callbacks);
  // As close().
  ~SqliteStore() override;

  // Gives all futures to `consumer`, by sequence, some thousand at a time, so that memory is bounded. Call it before
  // the first append(). A damaged row or page ends it: kFailedPrecondition, with a message that names the file.
  core::Result<core::Loaded> load(const Consumer& consumer) const override;

  bool wants_transitions() const override { return true; }
  // Never blocks on the disk.
  void append(std::vector<core::Transition> transitions, std::function<void()> when_durable) override;
  // kResourceExhausted: the disk is full or nearly so; passes by itself. kUnavailable: the store has failed for good.
  std::optional<core::Status> refusal() const override;

  core::StoreStats stats() const override;

  // The copy can take the place of futured.db. It takes too long when the write-ahead log grows too far meanwhile;
  // there is no room for it when less than `low_water` would be left.
  core::Result<void> backup(const std::filesystem::path& copy, const std::function<bool()>& unwanted) const override;

  // Writes what waits and closes the database in order. Nothing may be appended afterwards. Blocks.
  void close() override;

  // 32 hexadecimal digits that tell this database from others, and how often it was opened: a client that remembers
  // them sees that an older copy was put in its place.
  const std::string& store_id() const { return store_id_; }
  std::int64_t starts() const { return starts_; }
  // The daemon that used it before ended in order, or there was none.
  bool closed_in_order() const { return closed_in_order_; }

 private:
  SqliteStore(const Options& options, const core::Clock& clock, DataDirectory directory);

  const Options options_;
  const core::Clock& clock_;
  const DataDirectory directory_;
  std::string store_id_;
  std::int64_t starts_ = 0;
  bool closed_in_order_ = true;
  // Before the directory in time: closed first.
  std::unique_ptr<Writer> writer_;
};

}  // namespace futured::store
