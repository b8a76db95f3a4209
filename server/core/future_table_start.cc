// FutureTable: tasks that are begun only after the record of their start is stored (TaskPolicy::at_most_once, and what
// may have killed the daemon before).
//
// A worker that comes for them goes without: it is kept for them, and is woken once they may begin. Meanwhile they
// count as running, and nobody begins them. A cancel finds them pending.
#include <utility>

#include "server/core/future_table_state.h"

namespace futured::core {

// Whoever killed the daemon before its start was recorded was lent then, so it is among the first of the queue; or it
// has had an attempt that the daemon did not outlive. One that could be killed runs outside the daemon, and takes only
// its worker along.
bool FutureTable::is_suspect_locked(const Record& record) const {
  const ExecutorEntry& executor = *executors_[record.executor];
  if (record.sequence > suspects_through_ || executor.executor.describe().can_kill) return false;
  return executor.suspects > 0 || record.attempt > 0;
}

bool FutureTable::needs_start_record_locked(const Record& record) const {
  const TaskPolicy* const policy = record.options.policy.get();
  const bool at_most_once = policy != nullptr && policy->at_most_once;
  return (at_most_once || is_suspect_locked(record)) && !record.starting && is_stored_locked(record);
}

void FutureTable::store_starts_locked(ExecutorEntry& executor, std::span<const std::uint32_t> slots) {
  std::vector<Handle> batch;
  batch.reserve(slots.size());
  const Time now = clock_.now();
  for (const std::uint32_t slot : slots) {
    Record& record = records_[slot];
    record.starting = true;
    if (executor.suspects > 0 && record.sequence <= suspects_through_) --executor.suspects;
    note_locked(record, State::kRunning, now, record.outcome);
    outgoing_.transitions.back().started = now;
    batch.push_back({slot, record.generation});
  }
  outgoing_.when_durable.emplace_back(
      [this, index = executor.index, batch = std::move(batch)] { starts_stored(index, batch); });
}

void FutureTable::starts_stored(ExecutorIndex index, const std::vector<Handle>& batch) {
  Effects effects;
  {
    MutexLock lock(mu_);
    ExecutorEntry& executor = *executors_[index];
    ++executor.idle;
    if (draining_ != Draining::kNo || executor.state == ExecutorState::kPaused) {
      call_off_starts_locked(batch);
    } else {
      executor.started.push_back(batch);
    }
    plan_wake_locked(executor, false, effects);
  }
  apply(effects);
}

// The tasks of the first batch that were not cancelled meanwhile, as many as there is room for; 0: the batch had none,
// and is gone.
std::size_t FutureTable::choose_started_locked(ExecutorEntry& executor, std::span<std::uint32_t> slots) {
  std::size_t count = 0;
  std::vector<Handle>& batch = executor.started.front();
  auto next = batch.begin();
  for (; next != batch.end() && count < slots.size(); ++next) {
    const Record* record = find_locked(*next);
    if (record != nullptr && record->starting) slots[count++] = next->slot;
  }
  batch.erase(batch.begin(), next);
  if (batch.empty()) executor.started.pop_front();
  return count;
}

// The task that take() would give first.
std::uint32_t FutureTable::next_slot_locked(const ExecutorEntry& executor) const {
  for (const std::vector<Handle>& batch : executor.started) {
    for (const Handle handle : batch) {
      const Record& record = records_[handle.slot];
      if (record.in_use && record.generation == handle.generation && record.starting) return handle.slot;
    }
  }
  return executor.queue.front();
}

// Tasks that were to start go back to the queue instead, from the last to the first, so that each goes to its front.
void FutureTable::call_off_starts_locked(std::span<const Handle> batch) {
  for (std::size_t i = batch.size(); i-- > 0;) {
    Record* record = find_locked(batch[i]);
    if (record == nullptr || !record->starting) continue;
    stop_starting_locked(*record);
    note_not_begun_locked(*record);
    executors_[record->executor]->queue.put_back(*record->lane, batch[i].slot);
  }
}

// Those that are stored, and that no worker has taken.
void FutureTable::call_off_all_starts_locked(ExecutorEntry& executor) {
  for (; !executor.started.empty(); executor.started.pop_back()) call_off_starts_locked(executor.started.back());
}

void FutureTable::stop_starting_locked(Record& record) {
  ExecutorEntry& executor = *executors_[record.executor];
  record.starting = false;
  --record.attempt;
  executor.queue.finished(*record.lane);
  --executor.running;
  executor.coroutines -= record.function->is_coroutine;
  if (--stats_.running == 0) idle_.notify_all();
}

}  // namespace futured::core
