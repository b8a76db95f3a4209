// FutureTable: what leaves it once the mutex is released, and what the store is told.
#include <algorithm>
#include <utility>

#include "server/core/future_table_state.h"

namespace futured::core {
namespace {

// Futures published under one lock.
constexpr std::size_t kPublishedAtOnce = 1024;

bool is_ephemeral(const Record& record) { return record.options.policy != nullptr && record.options.policy->ephemeral; }

std::vector<Span> ended_at(std::vector<Span> spans, Time now) {
  for (Span& span : spans) span.end = now;
  return spans;
}

}  // namespace

void FutureTable::apply(Effects& effects) {
  for (Executor* executor : effects.wake) executor->wake(1);
  for (auto& stop : effects.stop) stop.executor->request_stop(std::move(stop.lease), stop.entry, stop.request);
  for (const Time when : effects.ticks) timekeeper_.schedule(when, [this] { tick(); });
  for (const auto& subscriber : effects.notify) subscriber->notify();
  if (!effects.spans.empty()) spans_->record(std::move(effects.spans));
  if (wants_transitions_) {
    append(std::move(effects.when_durable));
  } else if (effects.when_durable) {
    effects.when_durable();
  }
}

// --- Telling the store.

void FutureTable::call_when_stored(std::function<void()> when_stored) {
  if (!wants_transitions_) return when_stored();
  append(std::move(when_stored));
}

void FutureTable::append(std::function<void()> when_durable) {
  {
    MutexLock lock(mu_);
    if (when_durable) outgoing_.when_durable.push_back(std::move(when_durable));
    if (appending_) return;
    appending_ = true;
  }
  for (;;) {
    auto batch = std::make_shared<Outgoing>();
    {
      MutexLock lock(mu_);
      appending_ = !outgoing_.empty();
      if (!appending_) return;
      std::swap(*batch, outgoing_);
    }
    store_.append(std::move(batch->transitions), [this, batch] { stored(*batch); });
  }
}

void FutureTable::stored(const Outgoing& batch) {
  for (std::size_t first = 0; first < batch.finished.size(); first += kPublishedAtOnce) {
    const auto some = std::span(batch.finished).subspan(first);
    Effects effects;
    {
      MutexLock lock(mu_);
      const Time now = clock_.now();
      for (const Handle handle : some.first(std::min(some.size(), kPublishedAtOnce))) {
        --unpublished_;
        publish_locked(handle.slot, records_[handle.slot].finished, effects);
      }
      if (draining_ != Draining::kNo && unpublished_ == 0) idle_.notify_all();
      expire_locked(now, effects);
    }
    apply(effects);
  }
  if (!batch.spans.empty()) spans_->record(ended_at(batch.spans, clock_.now()));
  for (const auto& when_durable : batch.when_durable) when_durable();
}

// --- Noting changes.

bool FutureTable::is_stored_locked(const Record& record) const { return keeps_futures_ && !is_ephemeral(record); }

bool FutureTable::note_locked(Record& record, State to, Time at, Outcome outcome) {
  if (!wants_transitions_ || is_ephemeral(record)) return false;
  Transition& transition = outgoing_.transitions.emplace_back();
  transition.id = record.id;
  transition.sequence = record.sequence;
  transition.from = record.stored;
  transition.to = to;
  transition.attempt = record.attempt;
  transition.at = at;
  if (record.started != Time()) transition.started = record.started;
  if (record.waiting) transition.due = record.deadline;
  transition.outcome = std::move(outcome);
  transition.stop_requested = record.stop_requested;
  record.stored = to;
  return true;
}

void FutureTable::note_submitted_locked(Record& record) {
  record.stored = State::kPending;
  if (!note_locked(record, State::kPending, record.submitted, {})) return;
  const std::uint64_t limit = record.lane->max_running;
  outgoing_.transitions.back().task = std::make_shared<const StoredTask>(
      StoredTask{record.function->name, executors_[record.executor]->executor.describe().name, record.arguments,
                 record.options, record.submitted, record.arguments_size, record.arguments_hash,
                 limit == UINT64_MAX ? 0 : limit, accounts_[record.account].name});
  trace_store_locked(Span::Kind::kStoreSubmission, record, record.submitted);
}

// The store's state of it stays as it is.
void FutureTable::note_stop_requested_locked(Record& record) {
  if (record.stop_requested) return;
  record.stop_requested = true;
  note_locked(record, record.stored, clock_.now(), record.outcome);
}

void FutureTable::note_not_begun_locked(Record& record) {
  if (record.stored == State::kRunning) note_locked(record, State::kPending, clock_.now(), record.outcome);
}

bool FutureTable::note_finished_locked(std::uint32_t slot) {
  Record& record = records_[slot];
  if (!note_locked(record, record.state, record.finished, record.outcome)) return false;
  outgoing_.transitions.back().log = logs_.stored(slot);
  outgoing_.finished.push_back({slot, record.generation});
  trace_store_locked(Span::Kind::kStoreOutcome, record, record.finished);
  ++unpublished_;
  return true;
}

void FutureTable::note_forgotten_locked(Record& record) {
  if (note_locked(record, record.state, record.finished, {})) outgoing_.transitions.back().forgotten = true;
}

}  // namespace futured::core
