// Claim: whether a task that was handed to another process has begun, decided in memory that both sides share.
//
// One word for a task: four times the number of its batch, plus a state. The worker begins the task by swapping
// kHandedOver for kBegun; the daemon takes it back by swapping kHandedOver for kTakenBack. Either side can lose, so
// both tell the same story, also after one of them died. futured/worker/v1/worker.proto describes it for workers.
#pragma once

#include <atomic>
#include <cstdint>

namespace futured::core {

// Any thread of either process may call any method. The other process may write nonsense into the word: then the task
// can be neither begun nor taken back, and the lease decides (FutureTable::reclaim).
class Claim {
 public:
  // Daemon: a task of batch `batch` can be begun, and taken back.
  void hand_over(std::uint64_t batch) { word_.store(word(batch, kHandedOver)); }
  // Daemon: the same for a worker that knows no claims: the task cannot be taken back, and note_begun() tells of its
  // beginning.
  void promise(std::uint64_t batch) { word_.store(word(batch, kPromised)); }
  // Daemon: a worker that knows no claims has begun the task.
  void note_begun(std::uint64_t batch) { word_.store(word(batch, kBegun)); }
  // Daemon: the worker is gone; what was promised to it can be taken back.
  void break_promise(std::uint64_t batch) { swap(batch, kPromised, kHandedOver); }

  // Worker: false when it was taken back; then it must not begin.
  bool begin(std::uint64_t batch) { return swap(batch, kHandedOver, kBegun); }
  // Daemon: false when it has begun.
  bool take_back(std::uint64_t batch) { return swap(batch, kHandedOver, kTakenBack); }

  bool begun(std::uint64_t batch) const {
    const std::uint64_t now = word_.load();
    return now != word(batch, kHandedOver) && now != word(batch, kTakenBack) && now != word(batch, kPromised);
  }

 private:
  static constexpr std::uint64_t kHandedOver = 0;
  static constexpr std::uint64_t kBegun = 1;
  static constexpr std::uint64_t kTakenBack = 2;
  // Never in shared memory.
  static constexpr std::uint64_t kPromised = 3;

  static constexpr std::uint64_t word(std::uint64_t batch, std::uint64_t state) { return batch << 2 | state; }
  bool swap(std::uint64_t batch, std::uint64_t from, std::uint64_t to) {
    std::uint64_t expected = word(batch, from);
    return word_.compare_exchange_strong(expected, word(batch, to));
  }

  std::atomic<std::uint64_t> word_{0};
};
static_assert(sizeof(Claim) == sizeof(std::uint64_t) && std::atomic<std::uint64_t>::is_always_lock_free);

}  // namespace futured::core
