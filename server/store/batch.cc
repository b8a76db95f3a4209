#include "server/store/batch.h"

#include <algorithm>

namespace futured::store {

void Batch::add(const std::vector<core::Transition>& transitions) {
  for (const auto& transition : transitions) transitions_.emplace_back(transition.sequence, &transition);
}

void Batch::fold() {
  // Stable: the changes of a future stay in their order.
  std::stable_sort(transitions_.begin(), transitions_.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (std::size_t first = 0; first < transitions_.size();) {
    std::size_t end = first + 1;
    while (end < transitions_.size() && transitions_[end].first == transitions_[first].first) ++end;
    fold_one(first, end);
    first = end;
  }
}

void Batch::fold_one(std::size_t first, std::size_t end) {
  const std::uint64_t sequence = transitions_[first].first;
  const core::StoredTask* task = transitions_[first].second->task.get();
  const core::Transition* last = transitions_[end - 1].second;
  if (task != nullptr) highest_new_sequence_ = sequence;
  if (!last->forgotten) {
    changes_.push_back({task, last});
    ends_ = ends_ || core::is_final(last->to);
    return;
  }
  forgets_ = true;
  if (task != nullptr) return;
  if (!deletions_.empty() && deletions_.back().second + 1 == sequence) {
    deletions_.back().second = sequence;
  } else {
    deletions_.emplace_back(sequence, sequence);
  }
}

}  // namespace futured::store
