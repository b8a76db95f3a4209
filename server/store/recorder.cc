#include "server/store/recorder.h"

#include <algorithm>
#include <array>

#include "server/core/crash_point.h"
#include "server/proto/error.h"
#include "server/proto/task_log.h"
#include "server/store/option_columns.h"
#include "server/store/row.h"

namespace futured::store {
namespace {

constexpr const char* kInsert = R"sql(
INSERT INTO futures (sequence, state, attempt, started, finished, due, checksum, error_type, error_message, error, value,
  id, function, executor, submitted, arguments,
  timeout, retention, at_most_once, priority, expires, not_before, max_attempts, retry_delay, max_retry_delay,
  delay, retry_factor, retry_jitter, retry_on, labels, arguments_size, arguments_hash, session_limit,
  stop_requested, log, traceparent, tracestate, identity, namespace)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24,
  ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34, ?35, ?36, ?37, ?38, ?39))sql";
constexpr const char* kUpdate = R"sql(
UPDATE futures SET state = ?2, attempt = ?3, started = ?4, due = ?5, error_type = ?6, error_message = ?7, error = ?8,
  stop_requested = ?9
WHERE sequence = ?1)sql";
// Of one that has succeeded the arguments go.
static_assert(static_cast<int>(core::State::kSucceeded) == 2);
constexpr const char* kEnd = R"sql(
UPDATE futures SET state = ?2, attempt = ?3, started = ?4, finished = ?5, due = ?6, checksum = ?7, error_type = ?8,
  error_message = ?9, error = ?10, value = ?11, arguments = CASE ?2 WHEN 2 THEN NULL ELSE arguments END, stop_requested = NULL, log = ?12
WHERE sequence = ?1)sql";

void bind_number(Statement& statement, int parameter, const std::optional<std::int64_t>& number) {
  number ? statement.bind(parameter, *number) : statement.bind_null(parameter);
}

void bind_text(Statement& statement, int parameter, const std::optional<std::string>& text) {
  text ? statement.bind_text(parameter, *text) : statement.bind_null(parameter);
}

void bind_time(Statement& statement, int parameter, const std::optional<core::Time>& time, const WallTimes& times) {
  time ? statement.bind(parameter, times.stored(*time)) : statement.bind_null(parameter);
}

void bind_flag(Statement& statement, int parameter, bool is_set) {
  is_set ? statement.bind(parameter, 1) : statement.bind_null(parameter);
}

void bind_options(Statement& statement, int parameter, const OptionColumns& columns) {
  for (const auto& number : columns.numbers) bind_number(statement, parameter++, number);
  bind_text(statement, parameter++, columns.retry_on);
  bind_text(statement, parameter, columns.labels);
}

tl::unexpected<SqliteError> unknown_sequence(std::uint64_t sequence) {
  return tl::unexpected<SqliteError>(
      {SQLITE_INTERNAL, 0, "future " + std::to_string(sequence) + " changed, but it is not in the database"});
}

}  // namespace

SqliteResult<Recorder> Recorder::open(Connection& connection) {
  Recorder recorder(connection);
  const auto prepared = recorder.prepare();
  if (!prepared) return tl::unexpected(prepared.error());
  const auto sequence = connection.query_number("SELECT sequence FROM meta");
  if (!sequence) return tl::unexpected(sequence.error());
  recorder.highest_sequence_ = static_cast<std::uint64_t>(*sequence);
  return recorder;
}

SqliteResult<void> Recorder::prepare() {
  const std::pair<Statement*, const char*> statements[] = {
      {&begin_, "BEGIN IMMEDIATE"},
      {&commit_, "COMMIT"},
      {&insert_, kInsert},
      {&update_, kUpdate},
      {&end_, kEnd},
      {&delete_, "DELETE FROM futures WHERE sequence BETWEEN ?1 AND ?2"},
      {&set_sequence_, "UPDATE meta SET sequence = ?1"},
  };
  for (const auto& [statement, sql] : statements) {
    auto prepared = connection_->prepare(sql);
    if (!prepared) return tl::unexpected(prepared.error());
    *statement = *std::move(prepared);
  }
  return {};
}

SqliteResult<void> Recorder::write(const Batch& batch, const WallTimes& times) {
  auto done = begin_.run();
  if (done) done = write_rows(batch, times);
  if (done) {
    core::crash_point("store.before_commit");
    if (batch.ends()) core::crash_point("store.before_outcome_commit");
    done = commit_.run();
  }
  if (done) {
    core::crash_point("store.after_commit");
    if (batch.ends()) core::crash_point("store.after_outcome_commit");
  } else {
    connection_->roll_back();
  }
  return done;
}

SqliteResult<void> Recorder::write_rows(const Batch& batch, const WallTimes& times) {
  core::crash_point("store.before_insert");
  for (const Change& change : batch.changes()) {
    auto done = change.task != nullptr ? insert(change, times) : update(*change.last, times);
    if (!done) return done;
  }
  core::crash_point("store.after_insert");
  if (!batch.forgets()) return {};
  core::crash_point("store.before_delete");
  auto done = remove(batch);
  core::crash_point("store.after_delete");
  return done;
}

SqliteResult<void> Recorder::insert(const Change& change, const WallTimes& times) {
  const core::StoredTask& task = *change.task;
  const IdBytes id = to_bytes(change.last->id);
  const OptionColumns options = to_columns(task.options);
  const std::int64_t submitted = times.stored(task.submitted);
  const bool ended = core::is_final(change.last->to);
  const auto checksum = ended ? 0
                              : task_checksum({change.last->sequence, view(id), task.function, task.executor, submitted,
                                               task.arguments.view(), task.arguments_size, task.arguments_hash,
                                               task.session_limit, task.account.get()},
                                              options);
  bind_progress(insert_, *change.last, times, checksum);
  insert_.bind_blob(12, view(id));
  insert_.bind_text(13, task.function);
  insert_.bind_text(14, task.executor);
  insert_.bind(15, submitted);
  const bool succeeded = change.last->to == core::State::kSucceeded;
  succeeded ? insert_.bind_null(16) : insert_.bind_blob(16, task.arguments.view());
  bind_options(insert_, 17, options);
  insert_.bind(31, static_cast<std::int64_t>(task.arguments_size));
  insert_.bind(32, static_cast<std::int64_t>(task.arguments_hash));
  task.session_limit == 0 ? insert_.bind_null(33) : insert_.bind(33, static_cast<std::int64_t>(task.session_limit));
  bind_flag(insert_, 34, change.last->stop_requested && !ended);
  bind_log(insert_, 35);
  bind_text(insert_, 36, options.traceparent);
  bind_text(insert_, 37, options.tracestate);
  const core::AccountName* const account = task.account.get();
  account == nullptr ? insert_.bind_null(38) : insert_.bind_text(38, account->name);
  account == nullptr ? insert_.bind_null(39) : insert_.bind_text(39, account->name_space);
  return insert_.run();
}

SqliteResult<void> Recorder::update(const core::Transition& last, const WallTimes& times) {
  Statement& statement = core::is_final(last.to) ? end_ : update_;
  if (core::is_final(last.to)) {
    bind_progress(end_, last, times, 0);
    bind_log(end_, 12);
  } else {
    update_.bind(1, static_cast<std::int64_t>(last.sequence));
    update_.bind(2, static_cast<std::int64_t>(last.to));
    update_.bind(3, last.attempt);
    bind_time(update_, 4, last.started, times);
    bind_time(update_, 5, last.due, times);
    bind_error(update_, 6, last);
    bind_flag(update_, 9, last.stop_requested);
  }
  auto done = statement.run();
  if (done && connection_->changes() != 1) return unknown_sequence(last.sequence);
  return done;
}

void Recorder::bind_progress(Statement& statement, const core::Transition& last, const WallTimes& times,
                             std::int64_t checksum) {
  const bool ended = core::is_final(last.to);
  bind_error(statement, 8, last);
  log_ = last.log == nullptr ? "" : serialized_log(*last.log);
  const auto value = ended ? last.outcome.value.view() : std::string_view();
  if (ended) {
    const IdBytes id = to_bytes(last.id);
    checksum = outcome_checksum({last.sequence, view(id), last.to, last.attempt, error_, value, log_});
  }
  statement.bind(1, static_cast<std::int64_t>(last.sequence));
  statement.bind(2, static_cast<std::int64_t>(last.to));
  statement.bind(3, last.attempt);
  bind_time(statement, 4, last.started, times);
  bind_time(statement, 5, ended ? std::optional(last.at) : std::nullopt, times);
  bind_time(statement, 6, ended ? std::nullopt : last.due, times);
  statement.bind(7, checksum);
  last.to == core::State::kSucceeded ? statement.bind_blob(11, value) : statement.bind_null(11);
}

void Recorder::bind_log(Statement& statement, int parameter) {
  log_.empty() ? statement.bind_null(parameter) : statement.bind_blob(parameter, log_);
}

// In three columns. The serialized error stays in `error_`.
void Recorder::bind_error(Statement& statement, int parameter, const core::Transition& last) {
  const core::Error* error = last.outcome.error.get();
  error_.clear();
  if (error != nullptr) to_proto(*error).SerializeToString(&error_);
  error != nullptr ? statement.bind_text(parameter, error->type) : statement.bind_null(parameter);
  error != nullptr ? statement.bind_text(parameter + 1, error->message) : statement.bind_null(parameter + 1);
  error != nullptr ? statement.bind_blob(parameter + 2, error_) : statement.bind_null(parameter + 2);
}

SqliteResult<void> Recorder::remove(const Batch& batch) {
  for (const auto& [first, last] : batch.deletions()) {
    delete_.bind(1, static_cast<std::int64_t>(first));
    delete_.bind(2, static_cast<std::int64_t>(last));
    auto done = delete_.run();
    if (!done) return done;
    highest_sequence_ = std::max(highest_sequence_, last);
  }
  highest_sequence_ = std::max(highest_sequence_, batch.highest_new_sequence());
  set_sequence_.bind(1, static_cast<std::int64_t>(highest_sequence_));
  return set_sequence_.run();
}

}  // namespace futured::store
