#include "state_table.h"

#include <utility>

namespace futured::detail {

void StateTable::insert(std::uint64_t counter, StatePtr state) {
  const std::uint64_t number = counter / kSlots;
  if (newest_ == nullptr || newest_number_ != number) {
    if (newest_ != nullptr && newest_->used == 0) erase(newest_number_);
    auto& block = blocks_[number];
    if (!block) block = std::make_unique<Block>();
    newest_ = block.get();
    newest_number_ = number;
  }
  newest_->slots[counter % kSlots] = std::move(state);
  ++newest_->used;
  ++size_;
}

StatePtr* StateTable::slot(std::uint64_t counter) noexcept {
  const std::uint64_t number = counter / kSlots;
  if (recent_ == nullptr || recent_number_ != number) {
    const auto found = blocks_.find(number);
    if (found == blocks_.end()) return nullptr;
    recent_ = found->second.get();
    recent_number_ = number;
  }
  return &recent_->slots[counter % kSlots];
}

FutureState* StateTable::find(std::uint64_t counter) noexcept {
  StatePtr* found = slot(counter);
  return found == nullptr ? nullptr : found->get();
}

StatePtr StateTable::shared(std::uint64_t counter) noexcept {
  const StatePtr* found = slot(counter);
  return found == nullptr ? nullptr : *found;
}

StatePtr StateTable::take(std::uint64_t counter) noexcept {
  StatePtr* found = slot(counter);
  if (found == nullptr || !*found) return nullptr;
  StatePtr state = std::exchange(*found, nullptr);
  --size_;
  if (--recent_->used == 0 && recent_ != newest_) erase(recent_number_);
  return state;
}

void StateTable::erase(std::uint64_t number) {
  blocks_.erase(number);
  if (recent_number_ == number) recent_ = nullptr;
}

}  // namespace futured::detail
