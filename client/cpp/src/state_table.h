// The unfinished futures of a session.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>

#include "futured/future.h"

namespace futured::detail {

// Counter → future. Counters are inserted in rising order, so a lookup is an index into a block of neighbours; memory
// is that of blocks with at least one future, and of the newest. Not synchronised.
class StateTable {
 public:
  // REQUIRES: a larger counter than all before.
  void insert(std::uint64_t counter, StatePtr state);
  // Null: not there.
  FutureState* find(std::uint64_t counter) noexcept;
  // The same, to be kept.
  StatePtr shared(std::uint64_t counter) noexcept;
  // Removes it. Null: not there.
  StatePtr take(std::uint64_t counter) noexcept;

  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }

  // Calls visit(const StatePtr&) for each, in rising order. It must not change the table.
  template <class Visit>
  void for_each(Visit visit) const {
    for (const auto& [number, block] : blocks_) {
      for (const StatePtr& slot : block->slots) {
        if (slot) visit(slot);
      }
    }
  }

 private:
  static constexpr std::uint64_t kSlots = 512;
  struct Block {
    std::array<StatePtr, kSlots> slots;
    std::size_t used = 0;
  };

  StatePtr* slot(std::uint64_t counter) noexcept;
  void erase(std::uint64_t number);

  std::map<std::uint64_t, std::unique_ptr<Block>> blocks_;
  // The blocks last written to and last read from, which the next call most likely needs. Null: none.
  Block* newest_ = nullptr;
  std::uint64_t newest_number_ = 0;
  Block* recent_ = nullptr;
  std::uint64_t recent_number_ = 0;
  std::size_t size_ = 0;
};

}  // namespace futured::detail
