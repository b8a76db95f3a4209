// Histogram: how often values of which size came, in buckets whose bounds are powers of four. Adding costs a few
// nanoseconds, so that every task can be counted.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace futured::core {

// Bucket i has the values of up to 4^i * 2^`kFirst` that are above the bound before; one more has all that is larger.
// Not thread-safe.
template <unsigned kFirst, std::size_t kBounds>
class Histogram {
 public:
  static constexpr std::size_t kBuckets = kBounds + 1;

  void add(std::uint64_t value) {
    const auto width = static_cast<unsigned>(std::bit_width(value - (value > 0)));
    ++counts_[width <= kFirst ? 0 : std::min<std::size_t>((width - kFirst + 1) / 2, kBounds)];
    sum_ += value;
  }

  // Of buckets below kBounds.
  static constexpr std::uint64_t bound(std::size_t bucket) { return std::uint64_t{1} << (kFirst + 2 * bucket); }
  std::uint64_t count(std::size_t bucket) const { return counts_[bucket]; }
  std::uint64_t sum() const { return sum_; }

 private:
  std::array<std::uint64_t, kBuckets> counts_{};
  std::uint64_t sum_ = 0;
};

// Of durations in nanoseconds: from 1 µs to 73 minutes.
using TimeHistogram = Histogram<10, 17>;
// Of numbers of things: from 1 to 16,384.
using CountHistogram = Histogram<0, 8>;

}  // namespace futured::core
