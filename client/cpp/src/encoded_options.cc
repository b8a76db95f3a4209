#include "encoded_options.h"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "futured/valid_text.h"

namespace futured::detail {
namespace {

// Of a duration or a time.
template <class Message, class Rep, class Period>
void set(Message* message, std::chrono::duration<Rep, Period> time) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
  message->set_seconds(seconds.count());
  message->set_nanos(static_cast<std::int32_t>(std::chrono::nanoseconds(time - seconds).count()));
}

void set(v1::Retry* message, const RetryOptions& retry) {
  message->set_max_attempts(static_cast<std::uint32_t>(retry.max_attempts));
  set(message->mutable_delay(), retry.delay);
  message->set_factor(retry.factor);
  set(message->mutable_max_delay(), retry.max_delay);
  message->set_jitter(retry.jitter);
  for (const std::string& named : retry.on) message->add_on(named);
}

}  // namespace

bool is_trace_text(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

void check_option_text(std::string_view option, std::string_view text) {
  constexpr std::size_t kShown = 64;
  if (valid_text(text, text.size()) == text) return;
  throw std::invalid_argument(std::string(option) + ": \"" + valid_text(text, kShown) + "\" is no UTF-8 text");
}

std::shared_ptr<const EncodedOptions> encode(const CallOptions& options) {
  if (options.retry.max_attempts < 1) throw std::invalid_argument("retry.max_attempts must be greater than 0");
  check_option_text("executor", options.executor);
  for (const std::string& named : options.retry.on) check_option_text("retry.on", named);
  for (const auto& [key, value] : options.labels) {
    check_option_text("labels", key);
    check_option_text("labels", value);
  }
  auto encoded = std::make_shared<EncodedOptions>();
  v1::TaskOptions& message = encoded->message;
  message.set_executor(options.executor);
  if (options.timeout) set(message.mutable_timeout(), *options.timeout);
  if (options.retention) set(message.mutable_retention(), *options.retention);
  if (options.retry.max_attempts > 1) set(message.mutable_retry(), options.retry);
  if (options.expires) set(message.mutable_expires(), *options.expires);
  if (options.not_before) set(message.mutable_not_before(), options.not_before->time_since_epoch());
  if (options.delay.count() != 0) set(message.mutable_delay(), options.delay);
  message.set_priority(options.priority);
  for (const auto& [key, value] : options.labels) (*message.mutable_labels())[key] = value;
  message.set_at_most_once(options.at_most_once);
  message.set_ephemeral(options.ephemeral);
  if (is_trace_text(options.traceparent)) message.set_traceparent(options.traceparent);
  if (is_trace_text(options.tracestate)) message.set_tracestate(options.tracestate);
  return encoded;
}

}  // namespace futured::detail
