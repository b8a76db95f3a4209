// ReadyQueue: one executor's pending futures: the higher priority first, then by place, over all its lanes.
//
// A lane at its limit is passed over, and so are the lanes of a cap at its limit: neither a session's limit nor an
// account's ever holds up the work of others. Lines are ordered within their cap, and caps by their first lines: so
// what a limit holds back leaves the order and comes back in one step, however many lanes it has. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>

#include "server/core/lane.h"
#include "server/core/record.h"

namespace futured::core {

// Futures of priority 0 cost no look-up.
class ReadyQueue {
 public:
  explicit ReadyQueue(Records& records) : records_(records) {}

  // Appends a pending future to a lane. REQUIRES: its place is higher than those of the others of its priority there.
  void push_back(Lane& lane, std::uint32_t slot);
  // Puts back a future that was taken and not begun, where it belongs in the order of its lane. Fast for one that goes
  // before all others.
  void put_back(Lane& lane, std::uint32_t slot);
  // Takes a future out of its lane, wherever it stands.
  void remove(Lane& lane, std::uint32_t slot);
  // The future that is next, or kNone when every lane is empty or at a limit.
  std::uint32_t front() const;
  // Removes the front and counts it as running in its lane and cap. REQUIRES: front() is not kNone.
  void pop_front();
  // A future of the lane stopped running.
  void finished(Lane& lane);
  // Changes how many futures of the lane may run at once.
  void set_limit(Lane& lane, std::uint64_t max_running);
  // And of all lanes of the cap together.
  void set_limit(Cap& cap, std::uint64_t max_running);

  std::uint64_t size() const { return size_; }
  // Calls `visit` with the oldest of each line that is held back by no limit, for up to `most` of them.
  template <class Visit>
  void for_each_head(std::size_t most, const Visit& visit) const {
    for (const Cap* cap : caps_) {
      for (const Line* line : cap->lines) {
        if (most-- == 0) return;
        visit(line->head);
      }
    }
  }

 private:
  Line& line_of(Lane& lane, std::uint32_t slot);
  void link(Line& line, std::uint32_t slot, std::uint32_t previous, std::uint32_t next);
  void unlink(Line& line, std::uint32_t slot);
  // Puts the line where its head belongs in its cap, or out of the order when it has nothing to give.
  void reorder(Line& line);
  void reorder_all(Lane& lane);
  // Puts the cap where its first line belongs, or out of the order when it has nothing to give.
  void reorder(Cap& cap);

  Records& records_;
  std::uint64_t size_ = 0;
  // Caps that have something to give.
  std::set<Cap*, Earlier> caps_;
};

}  // namespace futured::core
