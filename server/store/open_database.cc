#include "server/store/open_database.h"

#include <optional>
#include <utility>

#include "server/store/file_check.h"
#include "server/store/log_check.h"
#include "server/store/schema.h"

namespace futured::store {
namespace {

using core::Reason;
using core::Status;

constexpr std::uintmax_t kWholeCheckBytes = 64 << 20;
constexpr int kBusyMs = 5000;

// A name as SQLite takes it in a URI.
std::string uri_of(const std::filesystem::path& file) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string uri = "file:";
  for (const char c : std::filesystem::absolute(file).string()) {
    if (c == '?' || c == '#' || c == '%') {
      uri += {'%', kDigits[static_cast<unsigned char>(c) >> 4], kDigits[c & 15]};
    } else {
      uri += c;
    }
  }
  return uri + "?immutable=1";
}

// What the last daemon to open the database left in the file itself.
struct Traces {
  bool closed_in_order = true;
  bool synced_every_commit = true;
};

// Looks at the database file alone, as opening it in earnest would make a new log, or take what is in the old one.
SqliteResult<Traces> traces_in(const std::filesystem::path& file, const std::string& vfs) {
  auto connection = Connection::open(uri_of(file), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, vfs);
  if (!connection) return tl::unexpected(connection.error());
  const auto version = schema_version(*connection);
  if (!version) return tl::unexpected(version.error());
  if (*version == 0) return Traces();
  const auto clean = connection->query_number("SELECT ifnull(min(clean), 1) FROM meta");
  if (!clean) return tl::unexpected(clean.error());
  const auto synced = connection->query_number("SELECT ifnull(min(synced), 1) FROM meta");
  if (!synced) return tl::unexpected(synced.error());
  return Traces{*clean == 1, *synced == 1};
}

// One opening of one database.
class Opener {
 public:
  Opener(const DataDirectory& directory, const OpenSettings& settings, const core::Clock& clock)
      : file_(directory.database()),
        log_(directory.log()),
        index_(directory.log_index()),
        settings_(settings),
        clock_(clock) {}

  core::Result<OpenDatabase> open() {
    const auto found = check_files(file_, log_);
    if (!found) return tl::unexpected(found.error());
    if (auto status = check_log_is_there(*found)) return tl::unexpected(*std::move(status));
    if (auto status = check_log_is_whole(*found)) return tl::unexpected(*std::move(status));
    auto connection = Connection::open(file_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, settings_.vfs);
    if (!connection) return tl::unexpected(cannot("open", connection.error()));
    opened_.connection = std::make_unique<Connection>(*std::move(connection));
    if (auto status = check_version()) return tl::unexpected(*std::move(status));
    if (const auto done = set_up(); !done) return tl::unexpected(cannot("set up", done.error()));
    if (auto status = check_whole(found->database_size)) return tl::unexpected(*std::move(status));
    if (const auto done = begin(); !done) return tl::unexpected(cannot("write to", done.error()));
    return std::move(opened_);
  }

 private:
  Connection& database() const { return *opened_.connection; }
  Status cannot(const std::string& what, const SqliteError& error) const {
    return to_status(error, "cannot " + what, file_);
  }

  std::optional<Status> check_log_is_there(const FilesFound& found) const {
    if (!found.database || found.log) return std::nullopt;
    // SQLite takes both away when the last program that has the database open closes it in order, with all that was in
    // the log: a person may have looked after a crash. Who takes away the log alone leaves its index.
    if (!std::filesystem::exists(index_)) return std::nullopt;
    const auto traces = traces_in(file_, settings_.vfs);
    if (!traces) return cannot("read", traces.error());
    if (traces->closed_in_order) return std::nullopt;
    return Status{Reason::kDataRefused, "the write-ahead log " + log_.string() +
                                            " is missing, but the daemon did not end in order: what it "
                                            "held is lost. Put it back; or, to accept the loss: sqlite3 " +
                                            file_.string() + " 'UPDATE meta SET clean = 1'"};
  }

  std::optional<Status> check_log_is_whole(const FilesFound& found) const {
    if (!found.database || !found.log) return std::nullopt;
    const auto whole = check_log(log_);
    if (whole) return std::nullopt;
    // Without syncs a power cut leaves any part of the log behind, and takes what was promised to be taken.
    const auto traces = traces_in(file_, settings_.vfs);
    if (traces && !traces->synced_every_commit) return std::nullopt;
    return whole.error();
  }

  std::optional<Status> check_version() {
    const auto version = schema_version(database());
    if (!version) return cannot("read", version.error());
    const auto known = static_cast<std::int64_t>(settings_.schema_steps.size());
    if (*version <= known) return std::nullopt;
    return Status{Reason::kDataRefused, "the schema of " + file_.string() + " has version " + std::to_string(*version) +
                                            ", this daemon knows up to " + std::to_string(known) +
                                            ": it was used by a newer one"};
  }

  SqliteResult<void> set_up() {
    const auto pages = database().query_number("PRAGMA page_count");
    if (!pages) return tl::unexpected(pages.error());
    sqlite3_busy_timeout(database().get(), kBusyMs);
    auto done = *pages == 0 ? prepare_empty(database()) : SqliteResult<void>();
    if (!done) return done;
    const auto mode = database().query_text("PRAGMA journal_mode = WAL");
    if (!mode) return tl::unexpected(mode.error());
    if (*mode != "wal") {
      return tl::unexpected<SqliteError>({SQLITE_CANTOPEN, 0, "its file system has no shared memory for a log"});
    }
    done =
        database().execute(std::string("PRAGMA synchronous = ") + (settings_.sync_every_commit ? "FULL" : "NORMAL") +
                           "; PRAGMA wal_autocheckpoint = 0; PRAGMA secure_delete = OFF; PRAGMA cache_size = -32768;"
                           " PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF; PRAGMA journal_size_limit = " +
                           std::to_string(settings_.log_limit));
    return done ? migrate(database(), settings_.schema_steps) : done;
  }

  std::optional<Status> check_whole(std::uintmax_t size) {
    const auto clean = database().query_number("SELECT ifnull(min(clean), 1) FROM meta");
    if (!clean) return cannot("read", clean.error());
    opened_.closed_in_order = *clean == 1;
    if (opened_.closed_in_order || size > kWholeCheckBytes) return std::nullopt;
    const auto found = database().query_text("PRAGMA quick_check(1)");
    if (!found) return cannot("check", found.error());
    if (*found == "ok") return std::nullopt;
    return cannot("use", {SQLITE_CORRUPT, 0, *found});
  }

  // Marks it as in use, in the database file itself.
  SqliteResult<void> begin() {
    const auto now = std::chrono::nanoseconds(clock_.wall_time().time_since_epoch()).count();
    auto done = database().execute(
        "BEGIN IMMEDIATE; INSERT OR IGNORE INTO meta VALUES (1, randomblob(16), 0, " + std::to_string(now) +
        ", '" FUTURED_VERSION "', 0, 1, 1); UPDATE meta SET starts = starts + 1, clean = 0, synced = " +
        (settings_.sync_every_commit ? "1" : "0") + "; COMMIT");
    if (!done) return done;
    const auto moved = database().checkpoint(SQLITE_CHECKPOINT_PASSIVE);
    if (!moved && moved.error().primary_code() != SQLITE_BUSY) return tl::unexpected(moved.error());
    auto id = database().query_text("SELECT lower(hex(store_id)) FROM meta");
    if (!id) return tl::unexpected(id.error());
    const auto starts = database().query_number("SELECT starts FROM meta");
    if (!starts) return tl::unexpected(starts.error());
    opened_.store_id = *std::move(id);
    opened_.starts = *starts;
    return {};
  }

  const std::filesystem::path file_;
  const std::filesystem::path log_;
  const std::filesystem::path index_;
  const OpenSettings& settings_;
  const core::Clock& clock_;
  OpenDatabase opened_;
};

}  // namespace

core::Result<OpenDatabase> open_database(const DataDirectory& directory, const OpenSettings& settings,
                                         const core::Clock& clock) {
  return Opener(directory, settings, clock).open();
}

core::Result<Connection> open_reader(const std::filesystem::path& database, const std::string& vfs) {
  auto connection = Connection::open(database, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, vfs);
  if (!connection) return tl::unexpected(to_status(connection.error(), "cannot open", database));
  sqlite3_busy_timeout(connection->get(), kBusyMs);
  const auto done = connection->execute("PRAGMA cell_size_check = ON");
  if (!done) return tl::unexpected(to_status(done.error(), "cannot read", database));
  return *std::move(connection);
}

core::Status to_status(const SqliteError& error, const std::string& what, const std::filesystem::path& file) {
  if (error.primary_code() == SQLITE_CORRUPT || error.primary_code() == SQLITE_NOTADB) {
    return {Reason::kDataRefused,
            what + " " + file.string() + ": it is damaged (" + error.message + "); nothing was removed"};
  }
  return {Reason::kStoreFailed, what + " " + file.string() + ": " + error.message};
}

}  // namespace futured::store
