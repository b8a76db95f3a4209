#include "client/cli/task_flags.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <vector>

#include "client/cli/command.h"
#include "client/cli/duration.h"
#include "client/cli/printable.h"

namespace futured::cli {
namespace {

// VERSION-TRACE-PARENT-FLAGS, in digits of hexadecimal; later versions may have more behind.
constexpr std::size_t kTraceparent = 55;

bool is_trace_text(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

bool is_traceparent(std::string_view text) {
  const auto fits = [](char c) { return c == '-' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return text.size() >= kTraceparent && is_trace_text(text) && std::ranges::all_of(text.substr(0, kTraceparent), fits);
}

using google::protobuf::util::TimeUtil;

void add_times(CLI::App& command, v1::TaskOptions& target) {
  const auto add = [&](const std::string& name, auto mutable_field, const std::string& help) {
    add_duration(
        command, name,
        [&target, mutable_field](std::chrono::nanoseconds time) { *(target.*mutable_field)() = to_proto(time); }, help);
  };
  add("--task-timeout", &v1::TaskOptions::mutable_timeout, "How long an attempt may run (default: no limit)");
  add("--retention", &v1::TaskOptions::mutable_retention, "How long the outcome is kept (default: the daemon's)");
  add("--expires", &v1::TaskOptions::mutable_expires,
      "How long the future may take until it has ended, attempts and all (default: no limit)");
  add("--delay", &v1::TaskOptions::mutable_delay, "How long to wait before it may begin");
  command
      .add_option_function<std::string>(
          "--not-before",
          [&target](const std::string& text) { *target.mutable_not_before() = parse_time("--not-before", text); },
          "When it may begin, as 2025-01-31T12:00:00Z")
      ->type_name("TIME");
}

void add_retry(CLI::App& command, v1::TaskOptions& target) {
  const auto duration = [&](const std::string& name, auto mutable_field, const std::string& help) {
    add_duration(
        command, name,
        [&target, mutable_field](std::chrono::nanoseconds time) {
          *(target.mutable_retry()->*mutable_field)() = to_proto(time);
        },
        help);
  };
  command
      .add_option_function<std::uint32_t>(
          "--attempts", [&target](std::uint32_t count) { target.mutable_retry()->set_max_attempts(count); },
          "How many attempts there may be, if they fail (default: 1)")
      ->type_name("COUNT");
  duration("--retry-delay", &v1::Retry::mutable_delay, "How long to wait before the second attempt (default: 1s)");
  duration("--retry-max-delay", &v1::Retry::mutable_max_delay, "The longest wait (default: 5m)");
  command
      .add_option_function<double>(
          "--retry-factor", [&target](double factor) { target.mutable_retry()->set_factor(factor); },
          "By what each wait is longer than the one before (default: 2)")
      ->type_name("NUMBER");
  command
      .add_option_function<std::vector<std::string>>(
          "--retry-on",
          [&target](const std::vector<std::string>& named) {
            for (const std::string& each : named) target.mutable_retry()->add_on(each);
          },
          "Types and origins of errors to retry (default: all but call and limit)")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("ERROR");
}

std::chrono::milliseconds in_milliseconds(const google::protobuf::Duration& duration) {
  return std::chrono::ceil<std::chrono::milliseconds>(
      std::chrono::nanoseconds(TimeUtil::DurationToNanoseconds(duration)));
}

std::optional<std::chrono::milliseconds> in_milliseconds(bool is_set, const google::protobuf::Duration& duration) {
  return is_set ? std::optional(in_milliseconds(duration)) : std::nullopt;
}

RetryOptions to_retry_options(const v1::Retry& retry) {
  RetryOptions options;
  options.max_attempts = static_cast<int>(std::max(1U, retry.max_attempts()));
  if (retry.has_delay()) options.delay = in_milliseconds(retry.delay());
  if (retry.has_max_delay()) options.max_delay = in_milliseconds(retry.max_delay());
  if (retry.factor() != 0) options.factor = retry.factor();
  options.on.assign(retry.on().begin(), retry.on().end());
  return options;
}

// From the environment, by which programs that trace tell those that they start; flags outrank it. What is malformed is
// ignored there, as it is everywhere but on the command line.
void add_trace(CLI::App& command, v1::TaskOptions& target) {
  const auto variable = [](const char* name) {
    const char* text = std::getenv(name);
    return text != nullptr && is_trace_text(text) ? std::string(text) : std::string();
  };
  target.set_traceparent(variable("TRACEPARENT"));
  target.set_tracestate(variable("TRACESTATE"));
  command
      .add_option_function<std::string>(
          "--traceparent",
          [&target](const std::string& text) {
            if (!is_traceparent(text)) {
              throw CLI::ValidationError(
                  "--traceparent",
                  "'" + printable(text) + "' is none like 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
            }
            target.set_traceparent(text);
            target.clear_tracestate();
          },
          "The trace that it is part of, as W3C Trace Context has it (TRACEPARENT)")
      ->type_name("TEXT");
}

}  // namespace

void add_task_flags(CLI::App& command, v1::TaskOptions& target) {
  command
      .add_option_function<std::string>(
          "--executor", [&target](const std::string& name) { target.set_executor(name); },
          "The daemon's executor (default: its first)")
      ->type_name("NAME");
  add_times(command, target);
  add_retry(command, target);
  command
      .add_option_function<std::int32_t>(
          "--priority", [&target](std::int32_t priority) { target.set_priority(priority); },
          "The higher begins first; -100 to 100 (default: 0)")
      ->type_name("NUMBER");
  add_labels(command, *target.mutable_labels(), "A label; may be repeated");
  command.add_flag_callback(
      "--at-most-once", [&target] { target.set_at_most_once(true); },
      "Begin it only when that is recorded, so that it cannot run twice");
  command.add_flag_callback(
      "--ephemeral", [&target] { target.set_ephemeral(true); }, "Don't store it: it ends with the daemon");
  add_trace(command, target);
}

CallOptions to_call_options(const v1::TaskOptions& options) {
  CallOptions call;
  call.executor = options.executor();
  call.timeout = in_milliseconds(options.has_timeout(), options.timeout());
  call.retention = in_milliseconds(options.has_retention(), options.retention());
  call.retry = to_retry_options(options.retry());
  call.expires = in_milliseconds(options.has_expires(), options.expires());
  if (options.has_not_before()) {
    call.not_before = std::chrono::system_clock::time_point(
        std::chrono::nanoseconds(TimeUtil::TimestampToNanoseconds(options.not_before())));
  }
  call.delay = in_milliseconds(options.delay());
  call.priority = options.priority();
  for (const auto& [key, value] : options.labels()) call.labels[key] = value;
  call.at_most_once = options.at_most_once();
  call.ephemeral = options.ephemeral();
  call.traceparent = options.traceparent();
  call.tracestate = options.tracestate();
  return call;
}

void add_labels(CLI::App& command, google::protobuf::Map<std::string, std::string>& target, const std::string& help) {
  const auto take = [&target](const std::vector<std::string>& labels) {
    for (const std::string& label : labels) {
      const auto equals = label.find('=');
      if (equals == std::string::npos || equals == 0) {
        throw CLI::ValidationError("--label", "'" + label + "' is no label like team=search");
      }
      target[label.substr(0, equals)] = label.substr(equals + 1);
    }
  };
  command.add_option_function<std::vector<std::string>>("--label", take, help)
      ->allow_extra_args(false)
      ->type_name("KEY=VALUE");
}

google::protobuf::Timestamp parse_time(const std::string& flag, const std::string& text) {
  google::protobuf::Timestamp time;
  if (TimeUtil::FromString(text, &time)) return time;
  throw CLI::ValidationError(flag, "'" + text + "' is no time like 2025-01-31T12:00:00Z");
}

}  // namespace futured::cli
