// Lease: some tasks lent to one worker, so that tiny tasks cost one lock for many.
//
// Each entry goes lent → begun → done by its worker alone, without the table's lock; the table may take back, by a
// compare-and-swap that either side can lose, what has not begun (a cancel, or a lease that lasts too long). So a
// task behind a slow one is never stuck, and `cancel` is truthful: it succeeds exactly when the call will never happen.
//
//   kLent ── begin() by the worker ──► kBegun ── end() ──► kDone ──► kReported
//     └───── revoke() by the table ──► kRevoked               (kReported and kRevoked are set under the table's lock)
//
// An entry that is handed to another process waits in kHandedOver; whether it has begun is decided in its Claim:
//
//   kLent ── hand_over() ──► kHandedOver ── begun_elsewhere() ──► kBegun ── end() ──► kDone
//                                └───────── revoke() ───────────► kRevoked
//
// Thread-safety: begin, end and what they touch belong to the one that runs the entry; phase and stop requests may be
// used from any thread; everything else under the table's lock.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "server/core/bytes.h"
#include "server/core/claim.h"
#include "server/core/clock.h"
#include "server/core/function_info.h"
#include "server/core/ids.h"
#include "server/core/mutex.h"
#include "server/core/outcome.h"
#include "server/core/trace.h"

namespace futured::core {

struct Lane;

// Of an entry whose task has a trace.
struct EntryTrace {
  // What the function is told.
  TraceContext context;
  // Who runs it. Written between begin() and end(), by who calls these.
  std::string worker;
};

struct LeaseEntry {
  enum class Phase : std::uint8_t { kLent, kHandedOver, kBegun, kDone, kReported, kRevoked };

  std::atomic<Phase> phase{Phase::kLent};
  std::atomic<bool> stop_requested{false};
  std::uint32_t attempt = 1;
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;
  FutureId id;
  FunctionInfo* function = nullptr;
  Bytes arguments;
  // When the attempt must end, for Context::deadline.
  std::optional<Duration> timeout;
  // It is the task's, not the daemon's maximum.
  bool has_own_timeout = false;
  // Since when it might have begun.
  Time ready;
  Time started;
  Time finished;
  Outcome outcome;
  // Set before it is handed over. Not owned.
  Claim* claim = nullptr;
  std::uint64_t batch = 0;
  Lane* lane = nullptr;
  bool is_coroutine = false;
  // Null: its task has none, as most.
  std::unique_ptr<EntryTrace> trace;

  // Tells who runs it, for its trace.
  void runs_on(std::string_view worker) const {
    if (trace != nullptr) trace->worker = worker;
  }
};

// No lease holds more tasks.
inline constexpr std::size_t kMostLent = 256;

class Lease : public std::enable_shared_from_this<Lease> {
 public:
  explicit Lease(std::size_t size) : size_(size), entries_(new LeaseEntry[size]) {}
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  std::size_t size() const { return size_; }
  LeaseEntry& operator[](std::size_t i) { return entries_[i]; }
  const LeaseEntry& operator[](std::size_t i) const { return entries_[i]; }

  // Worker: the call of entry `i` starts at `now`. False when it was taken back; then the entry must be left alone.
  bool begin(std::size_t i, Time now) {
    // Written before the swap publishes it to whoever sees kBegun.
    entries_[i].started = now;
    auto expected = LeaseEntry::Phase::kLent;
    return entries_[i].phase.compare_exchange_strong(expected, LeaseEntry::Phase::kBegun, std::memory_order_acq_rel);
  }
  // Worker: the call of entry `i` ended at `now`. Follow with FutureTable::finish or exchange.
  void end(std::size_t i, Time now, Outcome outcome) {
    entries_[i].finished = now;
    entries_[i].outcome = std::move(outcome);
    entries_[i].phase.store(LeaseEntry::Phase::kDone, std::memory_order_release);
  }

  // Executor: entry `i` is about to go to another process, as a task of batch `batch` whose claim has been handed over
  // or promised. The claim must live until the lease has been given back. False when the entry was taken back before.
  bool hand_over(std::size_t i, Claim& claim, std::uint64_t batch) {
    entries_[i].claim = &claim;
    entries_[i].batch = batch;
    auto expected = LeaseEntry::Phase::kLent;
    return entries_[i].phase.compare_exchange_strong(expected, LeaseEntry::Phase::kHandedOver,
                                                     std::memory_order_acq_rel);
  }
  // Executor: entry `i`, which was handed over, has begun elsewhere at `started`; from here on it is like one that this
  // process began. False when the table took it back.
  bool begun_elsewhere(std::size_t i, Time started) {
    entries_[i].started = started;
    auto expected = LeaseEntry::Phase::kHandedOver;
    return entries_[i].phase.compare_exchange_strong(expected, LeaseEntry::Phase::kBegun, std::memory_order_acq_rel);
  }

  // Table: takes entry `i` back. False when its call has begun.
  bool revoke(std::size_t i) {
    LeaseEntry& entry = entries_[i];
    auto phase = LeaseEntry::Phase::kLent;
    if (entry.phase.compare_exchange_strong(phase, LeaseEntry::Phase::kRevoked, std::memory_order_acq_rel)) return true;
    if (phase != LeaseEntry::Phase::kHandedOver || !entry.claim->take_back(entry.batch)) return false;
    // The other process may have written into the claim what it liked; who called the entry begun before is right.
    return entry.phase.compare_exchange_strong(phase, LeaseEntry::Phase::kRevoked, std::memory_order_acq_rel);
  }
  // Table: which worker runs entry `i`, as TaskSample has it.
  std::optional<std::uint32_t> worker_of(std::size_t i) const {
    return entries_[i].is_coroutine ? std::nullopt : std::optional(worker_);
  }
  // Table: the first entry that has not ended and was not taken back; size() if there is none.
  std::size_t first_open() const {
    std::size_t i = 0;
    for (; i < size_; ++i) {
      const auto phase = entries_[i].phase.load(std::memory_order_acquire);
      if (phase < LeaseEntry::Phase::kDone) break;
    }
    return i;
  }
  // Table: when the call of entry `i`, which goes on, began, as far as is known; nothing if it has not begun.
  std::optional<Time> begun_at(std::size_t i) const {
    const LeaseEntry& entry = entries_[i];
    const auto phase = entry.phase.load(std::memory_order_acquire);
    if (phase == LeaseEntry::Phase::kBegun) return entry.started;
    if (phase == LeaseEntry::Phase::kHandedOver && entry.claim->begun(entry.batch)) return lent_at_;
    return std::nullopt;
  }

  // A token by which the function of entry `i` sees a request to stop. May be called from any thread.
  std::stop_token stop_token(std::size_t i) FUTURED_EXCLUDES(mu_) { return stop_source(i).get_token(); }
  // Asks the function of entry `i` to stop. Runs the stop callbacks that it registered, in the calling thread.
  void request_stop(std::size_t i) FUTURED_EXCLUDES(mu_) {
    entries_[i].stop_requested.store(true, std::memory_order_release);
    stop_source(i).request_stop();
  }

 private:
  friend class FutureTable;
  friend class TaskWatch;

  std::stop_source stop_source(std::size_t i) FUTURED_EXCLUDES(mu_) {
    MutexLock lock(mu_);
    return stop_sources_[i];
  }

  const std::size_t size_;
  const std::unique_ptr<LeaseEntry[]> entries_;

  // Under the table's lock.
  Time lent_at_;
  std::uint16_t executor_ = 0;
  std::uint32_t worker_ = 0;
  // Where it stands among those of which coroutines go on.
  std::optional<std::list<std::shared_ptr<Lease>>::iterator> suspended_at_;
  // What had not begun was taken back.
  bool called_in_ = false;
  // It was called in, and the one that was left had not begun when it was looked at last.
  bool begins_unseen_ = false;
  Lease* previous_ = nullptr;
  Lease* next_ = nullptr;

  Mutex mu_;
  // Made on demand: few functions ask.
  std::map<std::size_t, std::stop_source> stop_sources_ FUTURED_GUARDED_BY(mu_);
};

}  // namespace futured::core
