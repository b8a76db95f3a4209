// FutureTable: lending tasks to workers, and what they bring back.
#include <algorithm>
#include <array>
#include <utility>

#include "server/core/crash_point.h"
#include "server/core/future_table_state.h"

namespace futured::core {
namespace {

// What beginning a coroutine is expected to take, until it suspends.
constexpr Duration kCoroutineBegin = std::chrono::microseconds(2);

using Phase = LeaseEntry::Phase;

Duration estimate_of(const FunctionInfo& function) {
  return function.is_coroutine ? kCoroutineBegin : function.estimate;
}

}  // namespace

std::shared_ptr<Lease> FutureTable::take(ExecutorIndex index, std::size_t most) {
  Effects effects;
  std::shared_ptr<Lease> next;
  {
    MutexLock lock(mu_);
    ExecutorEntry& executor = *executors_[index];
    --executor.coming;
    next = take_locked(executor, most, effects);
  }
  apply(effects);
  return next;
}

std::shared_ptr<Lease> FutureTable::exchange(const std::shared_ptr<Lease>& lease, std::size_t most) {
  Effects effects;
  std::shared_ptr<Lease> next;
  {
    MutexLock lock(mu_);
    report_all_locked(*lease, effects);
    for (std::size_t i = 0; i < lease->size(); ++i) mark_running_locked(*lease, i, effects);
    close_locked(*lease, effects);
    next = take_locked(*executors_[lease->executor_], most, effects);
  }
  apply(effects);
  return next;
}

void FutureTable::give_back(const std::shared_ptr<Lease>& lease) {
  Effects effects;
  {
    MutexLock lock(mu_);
    take_back_from_locked(*lease, 0, effects);
    report_all_locked(*lease, effects);
    close_locked(*lease, effects);
    ExecutorEntry& executor = *executors_[lease->executor_];
    ++executor.idle;
    plan_wake_locked(executor, false, effects);
  }
  apply(effects);
}

std::vector<std::size_t> FutureTable::reclaim(Lease& lease) {
  std::vector<std::size_t> begun;
  Effects effects;
  {
    MutexLock lock(mu_);
    take_back_from_locked(lease, 0, effects);
    for (std::size_t i = 0; i < lease.size(); ++i) {
      const auto phase = lease[i].phase.load(std::memory_order_acquire);
      const Time at = lease.begun_at(i).value_or(lease.lent_at_);
      if (phase == Phase::kBegun || (phase == Phase::kHandedOver && lease.begun_elsewhere(i, at))) begun.push_back(i);
    }
  }
  apply(effects);
  return begun;
}

void FutureTable::take_back_after(Lease& lease, std::size_t entry) {
  Effects effects;
  {
    MutexLock lock(mu_);
    take_back_from_locked(lease, entry + 1, effects);
    plan_wake_locked(*executors_[lease.executor_], false, effects);
  }
  apply(effects);
}

bool FutureTable::was_taken_back(const Lease& lease, std::size_t entry) const {
  MutexLock lock(mu_);
  return lease[entry].phase.load(std::memory_order_acquire) == Phase::kRevoked;
}

std::optional<std::string> FutureTable::next_function(ExecutorIndex index) const {
  MutexLock lock(mu_);
  const ExecutorEntry& executor = *executors_[index];
  const std::uint32_t slot = executor.state == ExecutorState::kPaused ? kNone : next_slot_locked(executor);
  if (slot == kNone) return std::nullopt;
  return records_[slot].function->name;
}

void FutureTable::finish(Lease& lease, std::size_t entry) {
  Effects effects;
  {
    MutexLock lock(mu_);
    if (lease[entry].phase.load(std::memory_order_acquire) == Phase::kDone) report_locked(lease, entry, effects);
    if (lease.suspended_at_ && lease.first_open() == lease.size()) {
      suspended_.erase(*std::exchange(lease.suspended_at_, std::nullopt));
    }
    expire_locked(lease.lent_at_, effects);
    plan_wake_locked(*executors_[lease.executor_], true, effects);
  }
  apply(effects);
}

// --- Taking.

std::shared_ptr<Lease> FutureTable::take_locked(ExecutorEntry& executor, std::size_t most, Effects& effects) {
  std::array<std::uint32_t, kMostLent> slots;
  const std::size_t count = choose_locked(executor, std::span(slots).first(std::min(most, kMostLent)));
  if (count == 0) {
    ++executor.idle;
    return nullptr;
  }
  if (needs_start_record_locked(records_[slots.front()])) {
    // The worker is kept for them, and is idle once they may begin.
    store_starts_locked(executor, std::span(slots).first(count));
    plan_wake_locked(executor, true, effects);
    return nullptr;
  }
  crash_point("table.before_dispatch");
  auto lease = std::make_shared<Lease>(count);
  lease->executor_ = executor.index;
  lease->worker_ = executor.take_worker();
  lease->lent_at_ = clock_.now();
  for (std::size_t i = 0; i < count; ++i) lend_locked(*lease, i, slots[i], effects);
  lease->next_ = open_leases_;
  if (open_leases_ != nullptr) open_leases_->previous_ = lease.get();
  open_leases_ = lease.get();
  ++executor.fresh_leases;

  leased_since_tick_ = true;
  if (!lease_tick_needed_) {
    lease_tick_needed_ = true;
    need_tick_locked(lease->lent_at_ + kLeaseTick, effects);
  }
  plan_wake_locked(executor, true, effects);
  crash_point("table.after_dispatch");
  return lease;
}

// Moves the tasks for one lease out of the queue. Either all of them need a record of their start, or none.
std::size_t FutureTable::choose_locked(ExecutorEntry& executor, std::span<std::uint32_t> slots) {
  if (executor.state == ExecutorState::kPaused) return 0;
  while (!executor.started.empty()) {
    if (const std::size_t started = choose_started_locked(executor, slots); started > 0) return started;
  }
  if (keeps_pending_locked()) return 0;
  const Duration budget = executor.executor.describe().lease_budget;
  std::size_t count = 0;
  bool all_start = false;
  Duration total{0};
  while (count < slots.size()) {
    const std::uint32_t slot = executor.queue.front();
    if (slot == kNone || !may_take_locked(executor, slot)) break;
    Record& record = records_[slot];
    const bool starts = needs_start_record_locked(record);
    if (count > 0 && starts != all_start) break;
    all_start = starts;
    const Duration estimate = estimate_of(*record.function);
    const bool alone = estimate.count() < 0 || record.options.timeout.count() >= 0 || record.function->is_alone ||
                       is_suspect_locked(record);
    total += estimate;
    if (count > 0 && (alone || total > budget)) break;
    executor.queue.pop_front();
    ++record.attempt;
    ++executor.running;
    executor.coroutines += record.function->is_coroutine;
    slots[count++] = slot;
    if (alone) break;
  }
  stats_.running += count;
  return count;
}

bool FutureTable::may_take_locked(const ExecutorEntry& executor, std::uint32_t slot) const {
  return !records_[slot].function->is_coroutine || executor.coroutines < executor.executor.describe().max_coroutines;
}

void FutureTable::lend_locked(Lease& lease, std::size_t i, std::uint32_t slot, Effects& effects) {
  Record& record = records_[slot];
  record.lease = &lease;
  record.lease_entry = static_cast<std::uint32_t>(i);
  record.starting = false;
  LeaseEntry& entry = lease[i];
  entry.attempt = record.attempt;
  entry.slot = slot;
  entry.generation = record.generation;
  entry.id = record.id;
  // The entry may outlive the record.
  ++record.function->uses;
  entry.function = record.function;
  entry.arguments = record.arguments;
  entry.lane = record.lane;
  entry.is_coroutine = record.function->is_coroutine;
  entry.ready = record.ready();
  entry.trace = tracing_.given(record);
  const Duration limit = time_limit_of(record, limits_);
  if (limit.count() < 0) return;
  entry.timeout = limit;
  entry.has_own_timeout = record.options.timeout.count() >= 0;
  record.deadline = lease.lent_at_ + limit;
  timeouts_.emplace(record.deadline, slot);
  need_tick_locked(record.deadline, effects);
}

// Wakes one worker if there is work for it; it wakes the next when it has taken its share. With `busy_ones_suffice`, a
// queue that a worker with a fresh lease will have emptied in no time is left to it.
void FutureTable::plan_wake_locked(ExecutorEntry& executor, bool busy_ones_suffice, Effects& effects) {
  if (executor.state == ExecutorState::kPaused || executor.idle == 0 || executor.coming > 0) return;
  if (executor.started.empty() && !needs_worker_locked(executor, busy_ones_suffice)) return;
  --executor.idle;
  ++executor.coming;
  effects.wake.push_back(&executor.executor);
}

// What is pending is for the next daemon.
bool FutureTable::keeps_pending_locked() const { return draining_ != Draining::kNo && keeps_futures_; }

bool FutureTable::needs_worker_locked(const ExecutorEntry& executor, bool busy_ones_suffice) const {
  if (keeps_pending_locked()) return false;
  const std::uint32_t slot = executor.queue.front();
  if (slot == kNone || !may_take_locked(executor, slot)) return false;
  if (!busy_ones_suffice || executor.fresh_leases == 0) return true;
  const Duration estimate = estimate_of(*records_[slot].function);
  // Divided, as the product of a long task and a long queue would overflow.
  return estimate.count() < 0 ||
         estimate > executor.executor.describe().lease_budget / static_cast<std::int64_t>(executor.queue.size());
}

// --- Reporting.

void FutureTable::report_all_locked(Lease& lease, Effects& effects) {
  for (std::size_t i = 0; i < lease.size(); ++i) {
    if (lease[i].phase.load(std::memory_order_acquire) == Phase::kDone) report_locked(lease, i, effects);
  }
}

void FutureTable::report_locked(Lease& lease, std::size_t i, Effects& effects) {
  crash_point("table.before_report");
  LeaseEntry& entry = lease[i];
  entry.phase.store(Phase::kReported, std::memory_order_relaxed);
  entry.function->latencies->observe(entry.ready, entry.started, entry.finished);
  stopped_running_locked(entry);
  Record* record = record_of_locked(lease, i);
  if (record == nullptr) {
    ++stats_.late;
    return;
  }
  record->function->observe(entry.finished - entry.started);
  record->started = entry.started;
  if (!task_watches_.empty()) sample_locked(lease, i, record->account);
  end_attempt_locked(entry.slot, std::move(entry.outcome), entry.finished, effects);
  crash_point("table.after_report");
}

// The future whose attempt an entry is, unless that attempt has ended without it. An old attempt changes nothing.
Record* FutureTable::record_of_locked(const Lease& lease, std::size_t i) {
  Record* record = find_locked({lease[i].slot, lease[i].generation});
  return record == nullptr || record->lease != &lease ? nullptr : record;
}

void FutureTable::stopped_running_locked(const LeaseEntry& entry) {
  ExecutorEntry& executor = *executors_[entry.lane->executor];
  executor.queue.finished(*entry.lane);
  --executor.running;
  executor.coroutines -= entry.is_coroutine;
  functions_.release(entry.function);
  if (--stats_.running == 0) idle_.notify_all();
}

// Makes it known that an entry runs, if it does.
void FutureTable::mark_running_locked(Lease& lease, std::size_t i, Effects& effects) {
  const std::optional<Time> begun_at = lease.begun_at(i);
  if (!begun_at) return;
  Record* record = record_of_locked(lease, i);
  if (record == nullptr || record->state != State::kPending) return;
  record->state = State::kRunning;
  record->started = *begun_at;
  watches_.post_started(lease[i].slot, effects.notify);
  if (record->stored != State::kRunning) note_locked(*record, State::kRunning, *begun_at, record->outcome);
}

void FutureTable::take_back_locked(Lease& lease, std::size_t i, Effects& effects) {
  LeaseEntry& entry = lease[i];
  if (!lease.revoke(i)) return;
  stopped_running_locked(entry);
  Record* record = record_of_locked(lease, i);
  if (record == nullptr) return;
  if (time_limit_of(*record, limits_).count() >= 0) timeouts_.erase({record->deadline, entry.slot});
  --record->attempt;
  record->lease = nullptr;
  record->deadline = entry.ready;
  note_not_begun_locked(*record);
  // One that was taken to run, and asked to stop.
  if (record->stop_requested) return complete_locked(entry.slot, Outcome::cancelled(), clock_.now(), effects);
  executors_[record->executor]->queue.put_back(*record->lane, entry.slot);
}

void FutureTable::take_back_from_locked(Lease& lease, std::size_t first, Effects& effects) {
  // From the last to the first, so that each goes to the front of the queue.
  for (std::size_t i = lease.size(); i-- > first;) take_back_locked(lease, i, effects);
}

// Takes a lease off the list of open ones.
void FutureTable::close_locked(Lease& lease, Effects& effects) {
  if (lease.next_ != nullptr) lease.next_->previous_ = lease.previous_;
  (lease.previous_ == nullptr ? open_leases_ : lease.previous_->next_) = lease.next_;
  ExecutorEntry& executor = *executors_[lease.executor_];
  executor.free_workers.push_back(lease.worker_);
  if (!lease.called_in_) --executor.fresh_leases;
  if (executor.coroutines > 0 && lease.first_open() < lease.size()) {
    lease.suspended_at_ = suspended_.insert(suspended_.end(), lease.shared_from_this());
  }
  expire_locked(lease.lent_at_, effects);
}

void FutureTable::call_in_locked(Lease& lease, Time now, Effects& effects) {
  lease.called_in_ = true;
  --executors_[lease.executor_]->fresh_leases;
  // The one that the worker is in, or about to begin, stays: it may be on its way to another process.
  take_back_from_locked(lease, lease.first_open() + 1, effects);
  report_all_locked(lease, effects);
  see_begun_locked(lease, now, effects);
}

// Makes it known what of a lease that was called in has begun.
void FutureTable::see_begun_locked(Lease& lease, Time now, Effects& effects) {
  const std::size_t open = lease.first_open();
  lease.begins_unseen_ = open < lease.size() && !lease.begun_at(open);
  for (std::size_t i = 0; i < lease.size(); ++i) {
    mark_running_locked(lease, i, effects);
    // So that the next worker does not take as many again for a function that has become slow.
    if (const auto begun_at = lease.begun_at(i)) lease[i].function->observe_at_least(now - *begun_at);
  }
}

}  // namespace futured::core
