#include "server/store/schema.h"

#include <string>

#include "server/core/crash_point.h"
#include "server/store/file_check.h"

namespace futured::store {
namespace {

constexpr const char* kVersion1 = R"sql(
CREATE TABLE meta (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  store_id BLOB NOT NULL,
  starts INTEGER NOT NULL,
  created INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  clean INTEGER NOT NULL,
  synced INTEGER NOT NULL
);
CREATE TABLE futures (
  sequence INTEGER PRIMARY KEY,
  id BLOB NOT NULL CHECK (length(id) = 16),
  function TEXT NOT NULL,
  executor TEXT NOT NULL,
  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 4),
  attempt INTEGER NOT NULL,
  submitted INTEGER NOT NULL,
  started INTEGER,
  finished INTEGER,
  due INTEGER,
  checksum INTEGER NOT NULL,
  timeout INTEGER,
  retention INTEGER,
  at_most_once INTEGER,
  priority INTEGER,
  expires INTEGER,
  not_before INTEGER,
  max_attempts INTEGER,
  retry_delay INTEGER,
  max_retry_delay INTEGER,
  delay INTEGER,
  retry_factor INTEGER,
  retry_jitter INTEGER,
  retry_on TEXT,
  labels TEXT,
  error_type TEXT,
  error_message TEXT,
  error BLOB,
  value BLOB,
  arguments BLOB,
  arguments_size INTEGER NOT NULL,
  arguments_hash INTEGER NOT NULL,
  session_limit INTEGER,
  stop_requested INTEGER,
  CHECK ((state >= 2) = (finished IS NOT NULL))
);
CREATE VIEW future AS SELECT
  sequence,
  lower(substr(hex(id), 1, 8) || '-' || substr(hex(id), 9, 4) || '-' || substr(hex(id), 13, 4) || '-' ||
        substr(hex(id), 17, 4) || '-' || substr(hex(id), 21)) AS id,
  function,
  executor,
  CASE state WHEN 0 THEN 'PENDING' WHEN 1 THEN 'RUNNING' WHEN 2 THEN 'SUCCEEDED' WHEN 3 THEN 'FAILED'
             ELSE 'CANCELLED' END AS state,
  attempt,
  strftime('%Y-%m-%dT%H:%M:%fZ', submitted / 1e9, 'unixepoch') AS submitted,
  strftime('%Y-%m-%dT%H:%M:%fZ', started / 1e9, 'unixepoch') AS started,
  strftime('%Y-%m-%dT%H:%M:%fZ', finished / 1e9, 'unixepoch') AS finished,
  strftime('%Y-%m-%dT%H:%M:%fZ', due / 1e9, 'unixepoch') AS due,
  labels,
  error_type,
  error_message,
  arguments_size AS argument_bytes,
  length(value) AS value_bytes
FROM futures;
)sql";

// Whose futures they are.
constexpr const char* kAddIdentity = R"sql(
ALTER TABLE futures ADD COLUMN identity TEXT;
ALTER TABLE futures ADD COLUMN namespace TEXT;
DROP VIEW future;
CREATE VIEW future AS SELECT
  sequence,
  lower(substr(hex(id), 1, 8) || '-' || substr(hex(id), 9, 4) || '-' || substr(hex(id), 13, 4) || '-' ||
        substr(hex(id), 17, 4) || '-' || substr(hex(id), 21)) AS id,
  namespace,
  identity,
  function,
  executor,
  CASE state WHEN 0 THEN 'PENDING' WHEN 1 THEN 'RUNNING' WHEN 2 THEN 'SUCCEEDED' WHEN 3 THEN 'FAILED'
             ELSE 'CANCELLED' END AS state,
  attempt,
  strftime('%Y-%m-%dT%H:%M:%fZ', submitted / 1e9, 'unixepoch') AS submitted,
  strftime('%Y-%m-%dT%H:%M:%fZ', started / 1e9, 'unixepoch') AS started,
  strftime('%Y-%m-%dT%H:%M:%fZ', finished / 1e9, 'unixepoch') AS finished,
  strftime('%Y-%m-%dT%H:%M:%fZ', due / 1e9, 'unixepoch') AS due,
  labels,
  error_type,
  error_message,
  arguments_size AS argument_bytes,
  length(value) AS value_bytes
FROM futures;
)sql";

constexpr const char* kSteps[] = {kVersion1, kAddIdentity};

}  // namespace

std::span<const char* const> schema_steps() { return kSteps; }

SqliteResult<void> prepare_empty(Connection& connection) {
  // In one transaction, so that no database of ours is ever without its application_id.
  auto done = connection.execute("BEGIN; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA application_id = " +
                                 std::to_string(kApplicationId) + "; COMMIT");
  if (!done) connection.roll_back();
  return done;
}

SqliteResult<void> migrate(Connection& connection, std::span<const char* const> steps) {
  const auto version = schema_version(connection);
  if (!version) return tl::unexpected(version.error());
  for (auto step = static_cast<std::size_t>(*version); step < steps.size(); ++step) {
    core::crash_point("store.before_migration");
    auto done = connection.execute("BEGIN IMMEDIATE");
    if (done) done = connection.execute(steps[step]);
    core::crash_point("store.in_migration");
    if (done) done = connection.execute("PRAGMA user_version = " + std::to_string(step + 1) + "; COMMIT");
    if (!done) {
      connection.roll_back();
      return done;
    }
    core::crash_point("store.after_migration");
  }
  return {};
}

SqliteResult<std::int64_t> schema_version(Connection& connection) {
  return connection.query_number("PRAGMA user_version");
}

}  // namespace futured::store
