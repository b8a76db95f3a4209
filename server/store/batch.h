// Batch: what a number of transitions comes down to.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "server/core/store.h"

namespace futured::store {

// What a batch did to one future that it leaves in the store.
struct Change {
  // Set when the future came in this batch.
  const core::StoredTask* task = nullptr;
  // Its last one, which tells all the rest.
  const core::Transition* last = nullptr;
};

// Points into the transitions that it was made of; they must outlive it, unchanged.
class Batch {
 public:
  // Adds transitions, in the order in which they happened.
  void add(const std::vector<core::Transition>& transitions);
  // Brings together what belongs together. Call it once, after all add() and before what follows.
  void fold();

  bool empty() const { return changes_.empty() && deletions_.empty(); }
  // By sequence.
  const std::vector<Change>& changes() const { return changes_; }
  // First and last sequence of runs without a gap; of futures that were there before this batch.
  const std::vector<std::pair<std::uint64_t, std::uint64_t>>& deletions() const { return deletions_; }
  // Of the futures that came in this batch, also of those that left in it; 0: none came.
  std::uint64_t highest_new_sequence() const { return highest_new_sequence_; }
  // Some future left.
  bool forgets() const { return forgets_; }
  // Some future came to its end.
  bool ends() const { return ends_; }

 private:
  void fold_one(std::size_t first, std::size_t end);

  std::vector<std::pair<std::uint64_t, const core::Transition*>> transitions_;
  std::vector<Change> changes_;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> deletions_;
  std::uint64_t highest_new_sequence_ = 0;
  bool forgets_ = false;
  bool ends_ = false;
};

}  // namespace futured::store
