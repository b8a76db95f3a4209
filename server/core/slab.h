// Slab: objects in large chunks, named by index, with a free list. Addresses stay valid. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace futured::core {

inline constexpr std::uint32_t kNone = UINT32_MAX;

// T has a member `std::uint32_t next`, which the slab uses while the object is free, and is default-constructible.
// Freed objects are not destroyed: the caller empties them.
template <class T>
class Slab {
 public:
  // An object that nobody uses; its contents are what the last user left.
  std::uint32_t allocate() {
    if (free_ == kNone) grow();
    const std::uint32_t index = free_;
    free_ = (*this)[index].next;
    ++used_;
    return index;
  }
  void free(std::uint32_t index) {
    (*this)[index].next = free_;
    free_ = index;
    --used_;
  }
  T& operator[](std::uint32_t index) { return chunks_[index / kChunk][index % kChunk]; }
  const T& operator[](std::uint32_t index) const { return chunks_[index / kChunk][index % kChunk]; }

  std::size_t used() const { return used_; }
  // Indices below this were used at some time.
  std::uint32_t capacity() const { return static_cast<std::uint32_t>(chunks_.size() * kChunk); }

 private:
  static constexpr std::uint32_t kChunk = 1024;

  void grow() {
    const std::uint32_t first = capacity();
    chunks_.push_back(std::make_unique<T[]>(kChunk));
    for (std::uint32_t i = kChunk; i-- > 0;) {
      (*this)[first + i].next = free_;
      free_ = first + i;
    }
  }

  std::vector<std::unique_ptr<T[]>> chunks_;
  std::uint32_t free_ = kNone;
  std::size_t used_ = 0;
};

}  // namespace futured::core
