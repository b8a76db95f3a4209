#include "server/store/row.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "server/core/checksum.h"
#include "server/proto/error.h"
#include "server/proto/task_log.h"

namespace futured::store {
namespace {

// Of RowReader::kSelect.
enum Column {
  kSequence,
  kId,
  kFunction,
  kExecutor,
  kState,
  kAttempt,
  kSubmitted,
  kStarted,
  kFinished,
  kDue,
  kChecksum,
  kErrorType,
  kErrorMessage,
  kError,
  kValue,
  kArguments,
  kFirstOption,
  kRetryOn = kFirstOption + OptionColumns::kPlaces,
  kLabels,
  kArgumentsSize,
  kArgumentsHash,
  kSessionLimit,
  kStopRequested,
  kLog,
  kTraceparent,
  kTracestate,
  kIdentity,
  kNamespace,
};

constexpr int kBitsOfByte = 8;

std::uint64_t word_at(std::string_view bytes, std::size_t at) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < sizeof(word); ++i) {
    word = word << kBitsOfByte | static_cast<unsigned char>(bytes[at + i]);
  }
  return word;
}

std::optional<std::string> optional_text(const Statement& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional(std::string(row.bytes(column)));
}

OptionColumns read_options(const Statement& row) {
  OptionColumns columns;
  for (int place = 0; place < OptionColumns::kPlaces; ++place) {
    const int column = kFirstOption + place;
    if (!row.is_null(column)) columns.numbers[static_cast<std::size_t>(place)] = row.number(column);
  }
  columns.retry_on = optional_text(row, kRetryOn);
  columns.labels = optional_text(row, kLabels);
  columns.traceparent = optional_text(row, kTraceparent);
  columns.tracestate = optional_text(row, kTracestate);
  return columns;
}

// Texts that are no UTF-8 can be stored in the message, but not read from it: then the columns tell less.
core::Error read_error(const Statement& row) {
  const auto bytes = row.bytes(kError);
  v1::Error message;
  if (message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return to_core(message);
  core::Error error;
  error.type = row.bytes(kErrorType);
  error.message = row.bytes(kErrorMessage);
  error.attempt = static_cast<std::uint32_t>(row.number(kAttempt));
  return error;
}

}  // namespace

IdBytes to_bytes(core::FutureId id) {
  IdBytes bytes;
  for (std::size_t i = 0; i < sizeof(id.high); ++i) {
    const auto shift = kBitsOfByte * (sizeof(id.high) - 1 - i);
    bytes[i] = static_cast<char>(id.high >> shift);
    bytes[i + sizeof(id.high)] = static_cast<char>(id.low >> shift);
  }
  return bytes;
}

std::int64_t task_checksum(const TaskFields& fields, const OptionColumns& options) {
  core::Checksum sum;
  sum.add(fields.sequence).add(fields.id).add(fields.function).add(fields.executor);
  sum.add(static_cast<std::uint64_t>(fields.submitted)).add(fields.arguments);
  sum.add(fields.arguments_size).add(fields.arguments_hash).add(fields.session_limit);
  options.add_to(sum);
  // Older rows have none.
  if (fields.account != nullptr) sum.add(fields.account->name).add(fields.account->name_space);
  return sum.value();
}

std::int64_t outcome_checksum(const OutcomeFields& fields) {
  core::Checksum sum;
  sum.add(fields.sequence).add(fields.id).add(static_cast<std::uint64_t>(fields.state));
  sum.add(std::uint64_t{fields.attempt}).add(fields.error).add(fields.value);
  if (!fields.log.empty()) sum.add(fields.log);
  return sum.value();
}

bool RowReader::read(const Statement& row, core::StoredFuture& future) {
  const auto id = row.bytes(kId);
  const auto state = row.number(kState);
  if (id.size() != sizeof(IdBytes) || state < 0 || state > static_cast<std::int64_t>(core::State::kCancelled)) {
    return false;
  }
  const auto time = [&](int column) {
    return row.is_null(column) ? std::nullopt : std::optional(times_.steady(row.number(column)));
  };
  future.id = {word_at(id, 0), word_at(id, sizeof(std::uint64_t))};
  future.sequence = static_cast<std::uint64_t>(row.number(kSequence));
  future.state = static_cast<core::State>(state);
  future.attempt = static_cast<std::uint32_t>(row.number(kAttempt));
  future.started = time(kStarted);
  future.finished = time(kFinished);
  future.due = time(kDue);
  future.task.function = row.bytes(kFunction);
  future.task.executor = row.bytes(kExecutor);
  future.task.submitted = times_.steady(row.number(kSubmitted));
  future.task.arguments_size = static_cast<std::uint64_t>(row.number(kArgumentsSize));
  future.task.arguments_hash = static_cast<std::uint64_t>(row.number(kArgumentsHash));
  // NULL is 0.
  future.task.session_limit = static_cast<std::uint64_t>(row.number(kSessionLimit));
  future.task.account = account_of(row);
  future.stop_requested = !row.is_null(kStopRequested);
  const OptionColumns options = read_options(row);
  future.task.options = shared(to_options(options));
  if (core::is_final(future.state)) return read_ended(row, future);
  if (!row.is_null(kError)) future.outcome = core::Outcome::failed(read_error(row));
  const auto arguments = row.bytes(kArguments);
  future.task.arguments = core::Bytes(arguments);
  return row.number(kChecksum) ==
         task_checksum({future.sequence, id, future.task.function, future.task.executor, row.number(kSubmitted),
                        arguments, future.task.arguments_size, future.task.arguments_hash, future.task.session_limit,
                        future.task.account.get()},
                       options);
}

bool RowReader::read_ended(const Statement& row, core::StoredFuture& future) const {
  // The outcome counts, also where the arguments are gone or damaged.
  const auto arguments = row.bytes(kArguments);
  const auto hash = static_cast<std::uint64_t>(core::Checksum().add(arguments).value());
  if (hash == future.task.arguments_hash) future.task.arguments = core::Bytes(arguments);
  const auto value = row.bytes(kValue);
  future.outcome.state = future.state;
  future.outcome.value = core::Bytes(value);
  if (future.state == core::State::kFailed) {
    future.outcome.error = std::make_shared<const core::Error>(read_error(row));
  }
  const auto log = row.bytes(kLog);
  if (!log.empty()) {
    auto lines = stored_log(log);
    if (!lines) return false;
    future.log = std::make_shared<const core::StoredLog>(*std::move(lines));
  }
  return future.finished.has_value() &&
         row.number(kChecksum) == outcome_checksum({future.sequence, row.bytes(kId), future.state, future.attempt,
                                                    row.bytes(kError), value, log});
}

std::shared_ptr<const core::AccountName> RowReader::account_of(const Statement& row) {
  if (row.is_null(kIdentity)) return nullptr;
  const auto name = row.bytes(kIdentity);
  const auto name_space = row.bytes(kNamespace);
  if (last_account_ == nullptr || last_account_->name != name || last_account_->name_space != name_space) {
    last_account_ =
        std::make_shared<const core::AccountName>(core::AccountName{std::string(name), std::string(name_space)});
  }
  return last_account_;
}

core::TaskOptions RowReader::shared(core::TaskOptions options) {
  if (options.policy == nullptr) return options;
  if (last_options_.policy != nullptr && *options.policy == *last_options_.policy) {
    options.policy = last_options_.policy;
  }
  last_options_ = options;
  return options;
}

}  // namespace futured::store
