// A row of the table of futures: how IDs and checksums are stored, and reading one back.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "server/core/store.h"
#include "server/store/option_columns.h"
#include "server/store/sqlite.h"
#include "server/store/wall_times.h"

namespace futured::store {

// The 16 bytes of the UUID.
using IdBytes = std::array<char, 16>;
IdBytes to_bytes(core::FutureId id);
inline std::string_view view(const IdBytes& id) { return {id.data(), id.size()}; }

// What the checksum of a future protects until it has ended.
struct TaskFields {
  std::uint64_t sequence;
  std::string_view id;
  std::string_view function;
  std::string_view executor;
  std::int64_t submitted;
  std::string_view arguments;
  std::uint64_t arguments_size;
  std::uint64_t arguments_hash;
  std::uint64_t session_limit;
  // Null: there is none.
  const core::AccountName* account;
};
std::int64_t task_checksum(const TaskFields& fields, const OptionColumns& options);

// And afterwards.
struct OutcomeFields {
  std::uint64_t sequence;
  std::string_view id;
  core::State state;
  std::uint32_t attempt;
  std::string_view error;
  std::string_view value;
};
std::int64_t outcome_checksum(const OutcomeFields& fields);

// Reads futures back. Those with equal options in sequence share their policy, those of one account its name. Not
// thread-safe.
class RowReader {
 public:
  explicit RowReader(const WallTimes& times) : times_(times) {}

  // What next() of the statement must give.
  static constexpr const char* kSelect = R"sql(
SELECT sequence, id, function, executor, state, attempt, submitted, started, finished, due, checksum,
  error_type, error_message, error, value, arguments,
  timeout, retention, at_most_once, priority, expires, not_before, max_attempts, retry_delay, max_retry_delay,
  delay, retry_factor, retry_jitter, retry_on, labels, arguments_size, arguments_hash,
  session_limit, stop_requested, identity, namespace
FROM futures ORDER BY sequence)sql";

  // False: the row is damaged.
  bool read(const Statement& row, core::StoredFuture& future);

 private:
  bool read_ended(const Statement& row, core::StoredFuture& future) const;
  core::TaskOptions shared(core::TaskOptions options);
  // Null: the row names none.
  std::shared_ptr<const core::AccountName> account_of(const Statement& row);

  const WallTimes times_;
  core::TaskOptions last_options_;
  std::shared_ptr<const core::AccountName> last_account_;
};

}  // namespace futured::store
