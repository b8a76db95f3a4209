#include "server/core/refusals.h"

#include <array>
#include <atomic>
#include <cstddef>

namespace futured::core {
namespace {

std::array<std::atomic<std::uint64_t>, kReasons.size()> counts{};

}  // namespace

void count_refusal(Reason reason, std::uint64_t count) {
  counts[static_cast<std::size_t>(reason)].fetch_add(count, std::memory_order_relaxed);
}

std::uint64_t refusals(Reason reason) {
  return counts[static_cast<std::size_t>(reason)].load(std::memory_order_relaxed);
}

}  // namespace futured::core
