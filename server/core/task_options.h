// TaskOptions: how a task is to be run and kept, as its caller asked.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/core/clock.h"
#include "server/core/trace.h"

namespace futured::core {

// Keys and values, sorted by key; each key once.
using Labels = std::vector<std::pair<std::string, std::string>>;

// What few tasks ask for. Shared by the tasks that were submitted together.
struct TaskPolicy {
  // It is begun only after the record of its beginning is safe, so that it cannot run twice, whatever happens.
  bool at_most_once = false;
  // It is not stored, and ends with the daemon.
  bool ephemeral = false;
  // The higher is begun first.
  std::int32_t priority = 0;
  // From its submission on, it may take so long until it has ended; then it fails. Negative: no limit.
  Duration expires{-1};
  // It is not begun before, nor before this long after its submission.
  WallTime not_before = {};
  Duration delay{0};
  // Attempts in all.
  std::uint32_t max_attempts = 1;
  // Before the second attempt; before each further one so many thousandths of it as long, up to the longest.
  Duration retry_delay = std::chrono::seconds(1);
  Duration max_retry_delay = std::chrono::minutes(5);
  std::uint32_t retry_factor = 2000;
  // A delay is shortened by up to so many of its thousandths, by chance.
  std::uint32_t retry_jitter = 200;
  // Types of errors after which there is another attempt, and origins of errors as core::to_string() names them.
  // Empty: any error but those of a call and of a limit, which would come again.
  std::vector<std::string> retry_on = {};
  Labels labels = {};
  // Whose part it is, for who watches traces.
  SharedTrace trace = {};

  bool operator==(const TaskPolicy&) const = default;
};

struct TaskOptions {
  // Of one attempt. Negative: no limit.
  Duration timeout{-1};
  // Negative: as the daemon is configured, and released on acknowledgement.
  Duration retention{-1};
  // Null: the defaults.
  std::shared_ptr<const TaskPolicy> policy = nullptr;
};

inline bool operator==(const TaskOptions& a, const TaskOptions& b) {
  return a.timeout == b.timeout && a.retention == b.retention &&
         (a.policy == b.policy || (a.policy != nullptr && b.policy != nullptr && *a.policy == *b.policy));
}

// Whether two submissions ask for the same. Their traces may differ: whoever repeats a call may do so in another span.
inline bool ask_the_same(const TaskOptions& a, const TaskOptions& b) {
  const auto untraced = [](TaskOptions options) {
    if (options.policy == nullptr || !options.policy->trace) return options;
    TaskPolicy policy = *options.policy;
    policy.trace = {};
    options.policy = policy == TaskPolicy() ? nullptr : std::make_shared<const TaskPolicy>(std::move(policy));
    return options;
  };
  return a == b || untraced(a) == untraced(b);
}

// The options with a trace, of its own or the one that they have.
inline TaskOptions with_trace(TaskOptions options, const SharedTrace& trace) {
  if (!trace || (options.policy != nullptr && options.policy->trace)) return options;
  TaskPolicy policy = options.policy == nullptr ? TaskPolicy() : *options.policy;
  policy.trace = trace;
  options.policy = std::make_shared<const TaskPolicy>(std::move(policy));
  return options;
}

}  // namespace futured::core
