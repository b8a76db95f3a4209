// StopRequests: which tasks of a lease were asked to stop, and when their worker is killed if it is still inside.
#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <vector>

#include "server/core/clock.h"

namespace futured::exec {

// Tasks are entries of the lease that one worker holds. Not thread-safe.
class StopRequests {
 public:
  // True: it is the first request for that task.
  bool add(std::size_t entry) { return asked_.try_emplace(entry).second; }
  // The earliest of several counts. With `forced`, the task ends as cancelled when its worker is killed.
  void limit(std::size_t entry, core::Time due, bool forced) {
    Asked& asked = asked_[entry];
    asked.due = std::min(asked.due, due);
    asked.forced = asked.forced || forced;
  }
  bool is_forced(std::size_t entry) const {
    const auto found = asked_.find(entry);
    return found != asked_.end() && found->second.forced;
  }
  // When the next is due; Time::max() when none is.
  core::Time next_due() const {
    core::Time next = core::Time::max();
    for (const auto& [entry, asked] : asked_) next = std::min(next, asked.due);
    return next;
  }
  // Those that are due, which are not due again.
  std::vector<std::size_t> take_due(core::Time now) {
    std::vector<std::size_t> entries;
    for (auto& [entry, asked] : asked_) {
      if (asked.due > now) continue;
      asked.due = core::Time::max();
      entries.push_back(entry);
    }
    return entries;
  }
  // Gives a task that is due a last delay. False: it had one.
  bool spare(std::size_t entry, core::Time due) {
    Asked& asked = asked_[entry];
    if (asked.spared) return false;
    asked.spared = true;
    asked.due = due;
    return true;
  }
  void clear() { asked_.clear(); }

 private:
  struct Asked {
    core::Time due = core::Time::max();
    bool forced = false;
    bool spared = false;
  };
  std::map<std::size_t, Asked> asked_;
};

}  // namespace futured::exec
