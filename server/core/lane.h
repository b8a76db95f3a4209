// Lines, lanes and caps: pending futures of one executor, and what limits how many of them run at once.
//
// Futures of one priority in one lane are a line. The lines of a lane share the limit of a session, the lanes of a cap
// that of an account.
#pragma once

#include <cstdint>
#include <map>
#include <set>

#include "server/core/ids.h"
#include "server/core/slab.h"

namespace futured::core {

struct Lane;

// Pending futures of one lane with the same priority, in the order of their places.
struct Line {
  Lane* lane = nullptr;
  std::int32_t priority = 0;
  // Ends of a list linked through Record::next and previous.
  std::uint32_t head = kNone;
  std::uint32_t tail = kNone;
  // The place of its head in the order of its cap; 0: not in it.
  std::uint64_t queued_key = 0;
};

// The higher priority first, then the lower key.
struct Earlier {
  template <class T>
  bool operator()(const T* a, const T* b) const {
    return a->priority != b->priority ? a->priority > b->priority : a->queued_key < b->queued_key;
  }
};

// Lanes of one account on one executor.
struct Cap {
  Cap() = default;
  Cap(const Cap&) = delete;
  Cap& operator=(const Cap&) = delete;

  // How many may be lent or running at once.
  std::uint64_t max_running = UINT64_MAX;
  // Lent to workers, or running.
  std::uint64_t running = 0;
  // Lines whose lanes have something to give.
  std::set<Line*, Earlier> lines = {};
  // Of the first of them, as it stands in the order of the ready queue; 0: not in it.
  std::int32_t priority = 0;
  std::uint64_t queued_key = 0;
};

// Futures of one account and executor. Those of sessions without a limit share one lane; a session with `max_workers`
// has its own.
struct Lane {
  // The cap is not owned, and outlives the lane.
  explicit Lane(Cap& the_cap) : cap(the_cap) { usual.lane = this; }
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  bool busy() const {
    for (const auto& [priority, line] : others) {
      if (line.head != kNone) return true;
    }
    return usual.head != kNone || running > 0 || waiting > 0;
  }

  Cap& cap;
  ExecutorIndex executor = 0;
  // How many may be lent or running at once.
  std::uint64_t max_running = UINT64_MAX;
  // Lent to workers, or running.
  std::uint64_t running = 0;
  // Pending futures whose time has not come.
  std::uint64_t waiting = 0;
  // Of priority 0, and of the priorities that were ever used in this lane. Addresses stay valid.
  Line usual;
  std::map<std::int32_t, Line> others;
};

}  // namespace futured::core
