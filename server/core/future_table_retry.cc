// FutureTable: when pending futures may begin, and what follows an attempt.
#include <algorithm>
#include <utility>

#include "server/core/future_table_state.h"
#include "server/core/retry.h"

namespace futured::core {
namespace {

// Futures queued under one lock, once their time has come.
constexpr std::size_t kDueAtOnce = 1024;

Time first_due(const Record& record, Time now, WallTime wall_time) {
  const TaskPolicy* const policy = record.options.policy.get();
  if (policy == nullptr) return now;
  const Time delayed = record.submitted + policy->delay;
  if (policy->not_before == WallTime()) return delayed;
  return std::max(delayed, now + std::chrono::duration_cast<Duration>(policy->not_before - wall_time));
}

}  // namespace

// --- Waiting for a time.

void FutureTable::queue_locked(std::uint32_t slot) {
  Record& record = records_[slot];
  record.place = next_place_++;
  executors_[record.executor]->queue.push_back(*record.lane, slot);
}

// Puts a pending future where it belongs: into its lane, or among those that wait. `due`: when its next attempt may
// begin, if it had one. The caller arranges for ticks.
void FutureTable::schedule_locked(std::uint32_t slot, std::optional<Time> due, Time now) {
  const Record& record = records_[slot];
  if (const auto expires = record.expires()) expiries_.emplace(*expires, slot);
  const Time begins = due ? *due : first_due(record, now, clock_.wall_time());
  if (begins > now) {
    wait_locked(slot, begins);
  } else {
    queue_locked(slot);
  }
}

// When the first attempt may begin.
void FutureTable::wait_locked(std::uint32_t slot, Time until) {
  Record& record = records_[slot];
  record.waiting = true;
  record.deadline = until;
  ++record.lane->waiting;
  ++executors_[record.executor]->waiting;
  waiting_.emplace(until, slot);
}

void FutureTable::stop_waiting_locked(std::uint32_t slot) {
  Record& record = records_[slot];
  record.waiting = false;
  --record.lane->waiting;
  --executors_[record.executor]->waiting;
  waiting_.erase({record.deadline, slot});
}

// Queues what is due; if that is much, the rest at another tick.
void FutureTable::begin_due_locked(Time now, Effects& effects) {
  for (std::size_t left = kDueAtOnce; !waiting_.empty() && waiting_.begin()->first <= now; --left) {
    if (left == 0) return need_tick_locked(now, effects);
    const std::uint32_t slot = waiting_.begin()->second;
    stop_waiting_locked(slot);
    queue_locked(slot);
  }
}

// --- After an attempt.

void FutureTable::end_attempt_locked(std::uint32_t slot, Outcome outcome, Time now, Effects& effects) {
  const bool lost_worker = outcome.state == State::kFailed && outcome.error->origin == Origin::kWorker;
  if (lost_worker && expects_lost_workers_ && is_stored_locked(records_[slot])) {
    outcome = ended_with_daemon(records_[slot]);
  }
  if (const auto due = next_due_locked(records_[slot], outcome, now)) {
    retry_locked(slot, std::move(outcome), *due, now, effects);
  } else {
    complete_locked(slot, std::move(outcome), now, effects);
  }
}

// When the attempt after one with this outcome may begin; nothing: there is none.
std::optional<Time> FutureTable::next_due_locked(const Record& record, const Outcome& outcome, Time now) const {
  const TaskPolicy* const policy = record.options.policy.get();
  if (policy == nullptr || outcome.state != State::kFailed || record.stop_requested) return std::nullopt;
  // It would end with the daemon.
  if (draining_ == Draining::kForGood && !is_stored_locked(record)) return std::nullopt;
  if (!is_retried(*policy, *outcome.error, record.attempt)) return std::nullopt;
  const Time due = now + back_off(*policy, record.id, record.attempt);
  // Its error tells more than that it has expired.
  if (const auto expires = record.expires(); expires && due >= *expires) return std::nullopt;
  return due;
}

void FutureTable::retry_locked(std::uint32_t slot, Outcome outcome, Time due, Time now, Effects& effects) {
  Record& record = records_[slot];
  trace_end_locked(slot, outcome, false, now, effects);
  withdraw_locked(slot);
  record.state = State::kPending;
  record.started = Time();
  record.outcome = std::move(outcome);
  ++stats_.retried;
  ++executors_[record.executor]->retried;
  wait_locked(slot, due);
  need_tick_locked(due, effects);
  note_locked(record, State::kPending, now, record.outcome);
  watches_.post_news(slot, Interest::kEverything, effects.notify);
}

}  // namespace futured::core
