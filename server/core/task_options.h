// TaskOptions: how a task is to be run and kept, as its caller asked.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/core/clock.h"

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

}  // namespace futured::core
