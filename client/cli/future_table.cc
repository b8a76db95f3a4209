#include "client/cli/future_table.h"

#include <google/protobuf/util/time_util.h>

#include <chrono>
#include <cmath>
#include <iostream>
#include <string>

#include "client/cli/duration.h"
#include "client/cli/future_json.h"
#include "client/cli/names.h"
#include "client/cli/table.h"

namespace futured::cli {
namespace {

using google::protobuf::util::TimeUtil;

// "2025-01-31T12:00:00Z"
std::string whole_seconds(google::protobuf::Timestamp time) {
  time.set_nanos(0);
  return TimeUtil::ToString(time);
}

std::string time_taken(const v1::Future& future) {
  if (!future.has_start_time() || !future.has_finish_time()) return "";
  const auto length = TimeUtil::DurationToNanoseconds(future.finish_time() - future.start_time());
  return show_duration(std::chrono::nanoseconds(length));
}

// "2/5"
std::string attempts(const v1::Future& future) {
  return std::to_string(future.attempt()) + "/" + std::to_string(future.max_attempts());
}

// Lines that it has logged, dropped ones too.
std::string lines_of(const v1::Future& future) {
  const std::uint64_t lines = future.log_lines() + future.log_lines_dropped();
  return lines == 0 ? "" : std::to_string(lines);
}

// "timeout=30s retry.delay=2s"
void append_options(const Json& options, const std::string& prefix, std::string& text) {
  for (const auto& [name, value] : options.items()) {
    if (value.is_object()) {
      append_options(value, prefix + name + ".", text);
      continue;
    }
    if (!text.empty()) text += ' ';
    text += prefix + name + "=" + (value.is_string() ? value.get<std::string>() : dump(value));
  }
}

std::string options_of(const v1::Future& future) {
  std::string text;
  append_options(to_json(future.options()), "", text);
  return text;
}

// "42 % reading", or how the last attempt failed.
std::string news_of(const v1::Future& future) {
  if (future.has_progress()) {
    std::string text = std::to_string(std::lround(future.progress().fraction() * 100)) + " %";
    if (!future.progress().message().empty()) text += " " + future.progress().message();
    return text;
  }
  if (!future.has_last_error()) return "";
  const std::string text = future.last_error().type() + ": " + future.last_error().message();
  return text.substr(0, text.find('\n'));
}

}  // namespace

void print_futures(const std::vector<v1::Future>& futures, const Globals& globals) {
  if (globals.json) {
    for (const v1::Future& future : futures) std::cout << dump(to_json(future)) << '\n';
    return;
  }
  Table table({"ID", "STATE", "FUNCTION", "EXECUTOR", "ATTEMPT", "SUBMITTED", "TOOK", "LOGGED", "OPTIONS", "NEWS"});
  for (const v1::Future& future : futures) {
    table.add({future.id(), short_name(v1::FutureState_Name(future.state()), "FUTURE_STATE_"), future.function(),
               future.executor(), attempts(future), whole_seconds(future.submit_time()), time_taken(future),
               lines_of(future), options_of(future), news_of(future)});
  }
  std::cout << table.text();
}

}  // namespace futured::cli
