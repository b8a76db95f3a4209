// Retention: which finished futures are kept, and which is forgotten next.
//
// An outcome is owed while a subscriber has still to read it: then it does not age, and only the limit on bytes can
// take it. Otherwise it is kept for its time: those with the default time expire in the order in which they came, so a
// list linked through the records serves them at no cost; the few with their own are ordered by time. Not thread-safe.
#pragma once

#include <cstdint>
#include <set>
#include <utility>

#include "server/core/limits.h"
#include "server/core/record.h"

namespace futured::core {

class Retention {
 public:
  Retention(Records& records, const Limits& limits) : records_(records), limits_(limits) {}

  // Keeps a final future: as owed if `Record::owed` says so, else for its time from `now`, and sets its `deadline`.
  // Call again when `owed` became 0.
  void keep(std::uint32_t slot, Time now);
  // Keeps a future that survived a restart for what is left of its time.
  void keep_restored(std::uint32_t slot);
  // Stops keeping a future.
  void remove(std::uint32_t slot);
  // A future that must go at `now`, by age or because there are too many; kNone when there is none.
  std::uint32_t due(Time now) const;
  // When the next one expires; Time::max() when none does.
  Time next_expiry() const;

  // Futures kept for their time, futures owed, and the bytes of both: of outcomes, and of arguments.
  std::uint64_t count() const { return by_order_.count + by_time_.size(); }
  std::uint64_t owed() const { return owed_.count; }
  std::uint64_t bytes() const { return bytes_; }

 private:
  struct List {
    std::uint32_t head = kNone;
    std::uint32_t tail = kNone;
    std::uint64_t count = 0;
  };

  void append(List& list, std::uint32_t slot);
  void unlink(List& list, std::uint32_t slot);
  // The one that expires first, or kNone.
  std::uint32_t first() const;

  Records& records_;
  const Limits& limits_;
  std::uint64_t bytes_ = 0;
  List owed_;
  List by_order_;
  std::set<std::pair<Time, std::uint32_t>> by_time_;
};

}  // namespace futured::core
