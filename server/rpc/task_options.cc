#include "server/rpc/task_options.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string_view>
#include <utility>

#include "server/rpc/convert.h"
#include "server/rpc/validate.h"

namespace futured::rpc {
namespace {

constexpr std::uint32_t kMostAttempts = 1000;
constexpr double kLargestFactor = 100;
constexpr int kMostErrors = 32;
constexpr std::size_t kLongestError = 128;
constexpr int kLargestPriority = 100;
constexpr std::size_t kMostLabels = 32;
constexpr std::size_t kLongestKey = 64;
constexpr std::size_t kLongestValue = 256;
constexpr double kThousand = 1000;

using Checked = core::Result<void>;

std::string quoted(const std::string& text) { return std::string(1, '"').append(printable(text)).append(1, '"'); }

// Leaves the target as it is when the field is not set.
Checked read_duration(const std::string& field, bool is_set, const google::protobuf::Duration& duration,
                      core::Duration& target) {
  const auto time = to_timeout(field, is_set, duration);
  if (!time) return tl::unexpected(time.error());
  if (*time) target = **time;
  return {};
}

Checked read_times(const std::string& field, const v1::TaskOptions& options, core::TaskPolicy& policy) {
  auto done = read_duration(field + ".expires", options.has_expires(), options.expires(), policy.expires);
  if (done) done = read_duration(field + ".delay", options.has_delay(), options.delay(), policy.delay);
  if (!done || !options.has_not_before()) return done;
  const auto time = to_wall_time(field + ".not_before", options.not_before());
  if (!time) return tl::unexpected(time.error());
  policy.not_before = *time;
  return {};
}

Checked read_back_off(const std::string& field, const v1::Retry& retry, core::TaskPolicy& policy) {
  auto done = read_duration(field + ".delay", retry.has_delay(), retry.delay(), policy.retry_delay);
  if (done) {
    done = read_duration(field + ".max_delay", retry.has_max_delay(), retry.max_delay(), policy.max_retry_delay);
  }
  if (!done) return done;
  // Written so that what is no number is refused.
  if (retry.factor() != 0 && !(retry.factor() >= 1 && retry.factor() <= kLargestFactor)) {
    return invalid(field + ".factor", std::to_string(retry.factor()) + " is not from 1 to 100");
  }
  if (!(retry.jitter() >= 0 && retry.jitter() <= 1)) {
    return invalid(field + ".jitter", std::to_string(retry.jitter()) + " is not from 0 to 1");
  }
  if (retry.factor() != 0) policy.retry_factor = static_cast<std::uint32_t>(std::lround(retry.factor() * kThousand));
  if (retry.has_jitter()) policy.retry_jitter = static_cast<std::uint32_t>(std::lround(retry.jitter() * kThousand));
  return {};
}

Checked read_retry(const std::string& field, const v1::Retry& retry, core::TaskPolicy& policy) {
  if (retry.max_attempts() > kMostAttempts) {
    return invalid(field + ".max_attempts",
                   std::to_string(retry.max_attempts()) + " is not from 1 to " + std::to_string(kMostAttempts));
  }
  policy.max_attempts = std::max(1U, retry.max_attempts());
  if (auto done = read_back_off(field, retry, policy); !done) return done;
  if (retry.on_size() > kMostErrors) {
    return invalid(field + ".on",
                   std::to_string(retry.on_size()) + " entries, the limit is " + std::to_string(kMostErrors));
  }
  for (const std::string& named : retry.on()) {
    if (named.empty() || named.size() > kLongestError) {
      return invalid(field + ".on[" + std::to_string(policy.retry_on.size()) + "]",
                     quoted(named) + " is no type of error: 1 to " + std::to_string(kLongestError) + " characters");
    }
    policy.retry_on.push_back(named);
  }
  return {};
}

bool is_label_key(std::string_view key) {
  static constexpr std::string_view kOthers = "_./-";
  return !key.empty() && key.size() <= kLongestKey && std::ranges::all_of(key, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kOthers.find(c) != std::string_view::npos;
  });
}

// Sets a field of the message unless it has its default.
template <class Message>
void show(core::Duration time, core::Duration usual, google::protobuf::Duration* (Message::*field)(),
          Message& message) {
  if (time != usual) *(message.*field)() = to_proto(time);
}

v1::Retry retry_of(const core::TaskPolicy& policy) {
  const core::TaskPolicy usual;
  v1::Retry retry;
  if (policy.max_attempts != usual.max_attempts) retry.set_max_attempts(policy.max_attempts);
  show(policy.retry_delay, usual.retry_delay, &v1::Retry::mutable_delay, retry);
  if (policy.retry_factor != usual.retry_factor) retry.set_factor(policy.retry_factor / kThousand);
  show(policy.max_retry_delay, usual.max_retry_delay, &v1::Retry::mutable_max_delay, retry);
  if (policy.retry_jitter != usual.retry_jitter) retry.set_jitter(policy.retry_jitter / kThousand);
  for (const std::string& named : policy.retry_on) retry.add_on(named);
  return retry;
}

void show_policy(const core::TaskPolicy& policy, v1::TaskOptions& options) {
  const core::TaskPolicy usual;
  v1::Retry retry = retry_of(policy);
  if (retry.ByteSizeLong() > 0) *options.mutable_retry() = std::move(retry);
  show(policy.expires, usual.expires, &v1::TaskOptions::mutable_expires, options);
  if (policy.not_before != usual.not_before) *options.mutable_not_before() = to_proto(policy.not_before);
  show(policy.delay, usual.delay, &v1::TaskOptions::mutable_delay, options);
  options.set_priority(policy.priority);
  for (const auto& [key, value] : policy.labels) (*options.mutable_labels())[key] = value;
  options.set_at_most_once(policy.at_most_once);
  options.set_ephemeral(policy.ephemeral);
  if (!policy.trace) return;
  options.set_traceparent(traceparent_of(*policy.trace));
  options.set_tracestate(policy.trace->state);
}

}  // namespace

core::Result<core::Labels> to_labels(const std::string& field,
                                     const google::protobuf::Map<std::string, std::string>& labels) {
  if (labels.size() > kMostLabels) {
    return invalid(field, std::to_string(labels.size()) + " labels, the limit is " + std::to_string(kMostLabels));
  }
  core::Labels sorted;
  for (const auto& [key, value] : labels) sorted.emplace_back(key, value);
  std::ranges::sort(sorted);
  for (const auto& [key, value] : sorted) {
    if (!is_label_key(key)) {
      return invalid(field, quoted(key) + " is no key: 1 to 64 characters of [A-Za-z0-9_./-]");
    }
    if (value.size() > kLongestValue) {
      return invalid(std::string(field).append("[\"").append(key).append("\"]"),
                     std::to_string(value.size()) + " bytes, the limit is " + std::to_string(kLongestValue));
    }
  }
  return sorted;
}

core::SharedTrace trace_of(std::string_view traceparent, std::string_view tracestate) {
  if (traceparent.empty()) return {};
  auto trace = core::parse_trace(traceparent, tracestate);
  return trace ? core::SharedTrace(*std::move(trace)) : core::SharedTrace();
}

core::Result<core::TaskOptions> to_core(const std::string& field, const v1::TaskOptions& options) {
  core::TaskOptions result;
  core::TaskPolicy policy;
  auto done = read_duration(field + ".timeout", options.has_timeout(), options.timeout(), result.timeout);
  if (done) done = read_duration(field + ".retention", options.has_retention(), options.retention(), result.retention);
  if (done) done = read_times(field, options, policy);
  if (done) done = read_retry(field + ".retry", options.retry(), policy);
  if (!done) return tl::unexpected(done.error());
  if (options.priority() < -kLargestPriority || options.priority() > kLargestPriority) {
    return invalid(field + ".priority", std::to_string(options.priority()) + " is not from -100 to 100");
  }
  policy.priority = options.priority();
  auto labels = to_labels(field + ".labels", options.labels());
  if (!labels) return tl::unexpected(labels.error());
  policy.labels = *std::move(labels);
  policy.ephemeral = options.ephemeral();
  policy.at_most_once = options.at_most_once();
  policy.trace = trace_of(options.traceparent(), options.tracestate());
  if (policy.at_most_once && policy.max_attempts > 1) {
    return invalid(field + ".at_most_once",
                   "set, and retry.max_attempts is " + std::to_string(policy.max_attempts) + "; only one can be");
  }
  if (policy != core::TaskPolicy()) result.policy = std::make_shared<const core::TaskPolicy>(std::move(policy));
  return result;
}

v1::TaskOptions to_proto(const core::TaskOptions& options) {
  const core::TaskOptions usual;
  v1::TaskOptions shown;
  show(options.timeout, usual.timeout, &v1::TaskOptions::mutable_timeout, shown);
  show(options.retention, usual.retention, &v1::TaskOptions::mutable_retention, shown);
  if (options.policy != nullptr) show_policy(*options.policy, shown);
  return shown;
}

void show_options(const core::TaskOptions& options, v1::Future& future) {
  if (options != core::TaskOptions()) *future.mutable_options() = to_proto(options);
  const core::TaskPolicy* const policy = options.policy.get();
  future.set_max_attempts(policy == nullptr ? 1 : policy->max_attempts);
  if (policy == nullptr) return;
  future.set_priority(policy->priority);
  future.set_at_most_once(policy->at_most_once);
  future.set_ephemeral(policy->ephemeral);
  for (const auto& [key, value] : policy->labels) (*future.mutable_labels())[key] = value;
}

}  // namespace futured::rpc
