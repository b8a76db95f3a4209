#include "server/store/option_columns.h"

namespace futured::store {
namespace {

using core::Duration;
using core::TaskOptions;
using core::TaskPolicy;
using core::WallTime;
using Number = std::optional<std::int64_t>;

Number unless_default(Duration value, Duration usual) { return value == usual ? Number() : Number(value.count()); }
Duration or_default(Number number, Duration usual) { return number ? Duration(*number) : usual; }

void append_escaped(std::string& text, std::string_view entry, bool is_key) {
  for (const char c : entry) {
    if (c == '\\' || c == '\n' || (is_key && c == '=')) text += '\\';
    text += c == '\n' ? 'n' : c;
  }
}

// Takes what is before the next `end`, or before a line break, and the mark itself.
std::string take_until(std::string_view& text, char end) {
  std::string entry;
  while (!text.empty()) {
    char c = text.front();
    text.remove_prefix(1);
    if (c == end || c == '\n') break;
    if (c == '\\' && !text.empty()) {
      c = text.front() == 'n' ? '\n' : text.front();
      text.remove_prefix(1);
    }
    entry += c;
  }
  return entry;
}

void put_policy(const TaskPolicy& policy, OptionColumns& columns) {
  const TaskPolicy usual;
  auto& numbers = columns.numbers;
  numbers[OptionColumns::kAtMostOnce] = policy.at_most_once ? 1 : 0;
  if (policy.priority != usual.priority) numbers[OptionColumns::kPriority] = policy.priority;
  numbers[OptionColumns::kExpires] = unless_default(policy.expires, usual.expires);
  numbers[OptionColumns::kNotBefore] =
      unless_default(policy.not_before.time_since_epoch(), usual.not_before.time_since_epoch());
  numbers[OptionColumns::kDelay] = unless_default(policy.delay, usual.delay);
  if (policy.max_attempts != usual.max_attempts) numbers[OptionColumns::kMaxAttempts] = policy.max_attempts;
  if (policy.retry_factor != usual.retry_factor) numbers[OptionColumns::kRetryFactor] = policy.retry_factor;
  if (policy.retry_jitter != usual.retry_jitter) numbers[OptionColumns::kRetryJitter] = policy.retry_jitter;
  numbers[OptionColumns::kRetryDelay] = unless_default(policy.retry_delay, usual.retry_delay);
  numbers[OptionColumns::kMaxRetryDelay] = unless_default(policy.max_retry_delay, usual.max_retry_delay);
  if (!policy.retry_on.empty()) columns.retry_on = join_lines(policy.retry_on);
  if (!policy.labels.empty()) columns.labels = join_labels(policy.labels);
  if (!policy.trace) return;
  columns.traceparent = traceparent_of(*policy.trace);
  if (!policy.trace->state.empty()) columns.tracestate = policy.trace->state;
}

TaskPolicy to_policy(const OptionColumns& columns) {
  TaskPolicy policy;
  const auto& numbers = columns.numbers;
  policy.at_most_once = numbers[OptionColumns::kAtMostOnce] == 1;
  policy.priority = static_cast<std::int32_t>(numbers[OptionColumns::kPriority].value_or(policy.priority));
  policy.expires = or_default(numbers[OptionColumns::kExpires], policy.expires);
  policy.not_before = WallTime(std::chrono::duration_cast<WallTime::duration>(
      or_default(numbers[OptionColumns::kNotBefore], policy.not_before.time_since_epoch())));
  policy.max_attempts = static_cast<std::uint32_t>(numbers[OptionColumns::kMaxAttempts].value_or(policy.max_attempts));
  policy.delay = or_default(numbers[OptionColumns::kDelay], policy.delay);
  policy.retry_factor = static_cast<std::uint32_t>(numbers[OptionColumns::kRetryFactor].value_or(policy.retry_factor));
  policy.retry_jitter = static_cast<std::uint32_t>(numbers[OptionColumns::kRetryJitter].value_or(policy.retry_jitter));
  policy.retry_delay = or_default(numbers[OptionColumns::kRetryDelay], policy.retry_delay);
  policy.max_retry_delay = or_default(numbers[OptionColumns::kMaxRetryDelay], policy.max_retry_delay);
  if (columns.retry_on) policy.retry_on = split_lines(*columns.retry_on);
  if (columns.labels) policy.labels = split_labels(*columns.labels);
  if (columns.traceparent) {
    auto trace = core::parse_trace(*columns.traceparent, columns.tracestate.value_or(std::string()));
    if (trace) policy.trace = core::SharedTrace(*std::move(trace));
  }
  return policy;
}

}  // namespace

void OptionColumns::add_to(core::Checksum& checksum) const {
  for (const auto& number : numbers) {
    if (number) checksum.add(static_cast<std::uint64_t>(*number));
    checksum.add(std::uint64_t{number.has_value()});
  }
  checksum.add(retry_on.value_or(std::string())).add(labels.value_or(std::string()));
  // Older rows have none.
  if (traceparent) checksum.add(*traceparent).add(tracestate.value_or(std::string()));
}

OptionColumns to_columns(const TaskOptions& options) {
  const TaskOptions usual;
  OptionColumns columns;
  columns.numbers[OptionColumns::kTimeout] = unless_default(options.timeout, usual.timeout);
  columns.numbers[OptionColumns::kRetention] = unless_default(options.retention, usual.retention);
  if (options.policy != nullptr) put_policy(*options.policy, columns);
  return columns;
}

TaskOptions to_options(const OptionColumns& columns) {
  TaskOptions options;
  options.timeout = or_default(columns.numbers[OptionColumns::kTimeout], options.timeout);
  options.retention = or_default(columns.numbers[OptionColumns::kRetention], options.retention);
  if (columns.numbers[OptionColumns::kAtMostOnce]) {
    options.policy = std::make_shared<const TaskPolicy>(to_policy(columns));
  }
  return options;
}

std::string join_lines(const std::vector<std::string>& entries) {
  std::string text;
  for (const auto& entry : entries) {
    append_escaped(text, entry, false);
    text += '\n';
  }
  return text;
}

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> entries;
  while (!text.empty()) entries.push_back(take_until(text, '\n'));
  return entries;
}

std::string join_labels(const core::Labels& labels) {
  std::string text;
  for (const auto& [key, value] : labels) {
    append_escaped(text, key, true);
    text += '=';
    append_escaped(text, value, false);
    text += '\n';
  }
  return text;
}

core::Labels split_labels(std::string_view text) {
  core::Labels labels;
  while (!text.empty()) {
    std::string key = take_until(text, '=');
    labels.emplace_back(std::move(key), take_until(text, '\n'));
  }
  return labels;
}

}  // namespace futured::store
