// How a call is to be run and kept.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace futured {

// What follows a failed attempt: another one, after a delay, until there were `max_attempts`. A future that was
// cancelled or asked to stop is not attempted again.
struct RetryOptions {
  // Attempts in all, 1 to 1,000. With 1 nothing below matters.
  int max_attempts = 1;
  // Before the second attempt; before each further one longer by the factor (1 to 100), but no longer than `max_delay`.
  std::chrono::milliseconds delay = std::chrono::seconds(1);
  double factor = 2;
  std::chrono::milliseconds max_delay = std::chrono::minutes(5);
  // A delay is shortened by up to this share of it (0 to 1), by chance.
  double jitter = 0.2;
  // Types of errors ("std::out_of_range") and origins ("task", "timeout", "worker", "daemon", "executor", "call",
  // "limit") after which there is another attempt. Empty: all but those of "call" and "limit".
  std::vector<std::string> on = {};
};

struct CallOptions {
  // Name of the daemon's executor, instead of that of the Executor object.
  std::string executor = {};
  // Time an attempt may run; then it fails with a TaskError of origin kTimeout. Unset: no limit.
  std::optional<std::chrono::milliseconds> timeout = {};
  // Time the daemon keeps the outcome after it was delivered, for other processes that attach by ID. Unset: none.
  std::optional<std::chrono::milliseconds> retention = {};
  RetryOptions retry = {};
  // Time from the submission on, in which the future must have ended, whatever the number of attempts; then it fails
  // with a TaskError of origin kTimeout. Unset: no limit.
  std::optional<std::chrono::milliseconds> expires = {};
  // It is not begun before: a time of the daemon's clock, and a time after its submission.
  std::optional<std::chrono::system_clock::time_point> not_before = {};
  std::chrono::milliseconds delay{0};
  // The higher begins first; -100 to 100.
  int priority = 0;
  // For people, and to list by. At most 32.
  std::map<std::string, std::string> labels = {};
  // It begins only once the record of it is safe, so that it cannot run twice, whatever happens to the daemon. Not with
  // more than one attempt.
  bool at_most_once = false;
  // The daemon does not store it: it is gone when the daemon ends.
  bool ephemeral = false;
  // The trace that the call is part of: W3C Trace Context, what HTTP has as `traceparent` and `tracestate`. The
  // function is given the same trace (Context::traceparent). Empty: what set_trace_source() says. What is malformed is
  // ignored.
  std::string traceparent = {};
  std::string tracestate = {};
};

// Says of which trace the caller is a part at the moment: a traceparent, or nothing. Called within each submit, on its
// thread, unless its options name one; for whoever has a library for traces. An empty function: there is none. May be
// called from any thread.
void set_trace_source(std::function<std::string()> source);

}  // namespace futured
