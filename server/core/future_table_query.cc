// FutureTable: waiting for futures, looking at them, forgetting them.
#include <algorithm>

#include "server/core/future_table_state.h"

namespace futured::core {
namespace {

// How much of a long walk is done under one lock: watches and events, records.
constexpr std::size_t kWatchesAtOnce = 4096;
constexpr std::uint32_t kSlotsAtOnce = 16384;

bool has_labels(const TaskPolicy* policy, const Labels& wanted) {
  return policy != nullptr && std::ranges::includes(policy->labels, wanted);
}

bool matches(const ListFilter& filter, const Record& record) {
  const bool is_on_page = filter.after == 0 || filter.comes_before(filter.after, record.sequence);
  return record.in_use && is_on_page &&
         (filter.states.empty() || std::ranges::find(filter.states, record.shown()) != filter.states.end()) &&
         (filter.function.empty() || record.function->name == filter.function) &&
         (!filter.executor || record.executor == *filter.executor) &&
         (!filter.session || record.id.session() == *filter.session) &&
         (!filter.submitted_from || record.submitted >= *filter.submitted_from) &&
         (!filter.submitted_before || record.submitted < *filter.submitted_before) &&
         (filter.labels.empty() || has_labels(record.options.policy.get(), filter.labels));
}

// The future that a handle stands for, or null if it is gone. For tables that may be changed and others.
template <class SomeRecords>
auto* find_in(SomeRecords& records, Handle handle) {
  auto* const record = handle.slot < records.capacity() ? &records[handle.slot] : nullptr;
  return record != nullptr && record->in_use && record->generation == handle.generation ? record : nullptr;
}

}  // namespace

// --- Waiting.

Result<SubscriberId> FutureTable::add_subscriber(std::shared_ptr<Subscriber> subscriber, AccountIndex account) {
  MutexLock lock(mu_);
  if (watches_.subscribers() >= limits_.max_subscribers) {
    ++stats_.refused;
    return failure(Reason::kTooManyWaiters,
                   std::to_string(limits_.max_subscribers) + " calls and sessions wait already, and that is the limit",
                   limits_.retry_delay);
  }
  if (auto counted = accounts_.add_waiter(account); !counted) {
    ++stats_.refused;
    return tl::unexpected(counted.error());
  }
  return watches_.add(std::move(subscriber), account);
}

void FutureTable::remove_subscriber(SubscriberId id) {
  for (bool removed = false; !removed;) {
    Effects effects;
    {
      MutexLock lock(mu_);
      const Time now = clock_.now();
      std::size_t left = kWatchesAtOnce;
      for (const PendingEvent* event; left > 0 && (event = watches_.next_event(id)) != nullptr; --left) {
        const PendingEvent pending = *event;
        watches_.pop_event(id);
        if (pending.kind == Event::Kind::kFinished && find_locked(pending.handle) != nullptr) {
          paid_locked(pending.handle.slot, now, effects);
        }
      }
      const AccountIndex account = watches_.account(id);
      removed = left > 0 && watches_.remove(id, left);
      if (removed) --accounts_[account].waiters;
      expire_locked(now, effects);
    }
    apply(effects);
  }
}

Result<void> FutureTable::subscribe(SubscriberId id, std::span<const WatchRequest> requests, bool report_unknown) {
  Effects effects;
  {
    MutexLock lock(mu_);
    const AccountIndex caller = watches_.account(id);
    std::vector<std::uint32_t> slots;
    slots.reserve(requests.size());
    for (const WatchRequest& request : requests) slots.push_back(find_locked(caller, request.id));
    const auto unknown = std::ranges::find(slots, kNone);
    if (!report_unknown && unknown != slots.end()) {
      return tl::unexpected(not_found_locked(caller, requests[static_cast<std::size_t>(unknown - slots.begin())].id));
    }
    for (std::size_t i = 0; i < slots.size(); ++i) {
      if (slots[i] != kNone) {
        watch_locked(id, slots[i], requests[i].token, effects);
      } else {
        watches_.post(id, {requests[i].token, {}, Event::Kind::kUnknown}, effects.notify);
      }
    }
  }
  apply(effects);
  return {};
}

void FutureTable::watch_locked(SubscriberId watcher, std::uint32_t slot, std::uint64_t token, Effects& effects) {
  Record& record = records_[slot];
  const Handle handle{slot, record.generation};
  if (record.published) {
    ++record.owed;
    if (record.owed == 1) {
      ++accounts_[record.account].owed;
      retention_.keep(slot, clock_.now());
    }
    watches_.post(watcher, {token, handle, Event::Kind::kFinished}, effects.notify);
    return;
  }
  watches_.watch(watcher, slot, token);
  if (record.shown() == State::kRunning) {
    watches_.post(watcher, {token, handle, Event::Kind::kStarted}, effects.notify);
  }
}

std::size_t FutureTable::events_waiting(SubscriberId id) const {
  MutexLock lock(mu_);
  return watches_.events(id);
}

bool FutureTable::drain(SubscriberId id, std::size_t most, std::size_t most_bytes, std::vector<Event>& events,
                        bool hold) {
  Effects effects;
  bool left;
  {
    MutexLock lock(mu_);
    const Time now = clock_.now();
    std::size_t bytes = 0;
    std::size_t count = 0;
    const PendingEvent* pending;
    while ((pending = watches_.next_event(id)) != nullptr && count < most) {
      const PendingEvent event = *pending;
      const Record* record = find_locked(event.handle);
      if (event.kind == Event::Kind::kStarted) {
        watches_.pop_event(id);
        if (record == nullptr || is_final(record->state)) continue;
        events.push_back({event.token, Event::Kind::kStarted, {}, event.handle});
      } else if (event.kind == Event::Kind::kNews) {
        watches_.pop_event(id);
        if (record == nullptr) continue;
        watches_.news_read(id, event.handle.slot, event.token);
        events.push_back(
            {event.token, Event::Kind::kNews, {}, event.handle, progress_of(progress_, event.handle.slot)});
      } else if (event.kind == Event::Kind::kUnknown || record == nullptr) {
        watches_.pop_event(id);
        events.push_back({event.token, Event::Kind::kUnknown, {}, event.handle});
      } else {
        const std::size_t size = record->outcome.size();
        if (bytes > 0 && bytes + size > most_bytes) break;
        bytes += size;
        watches_.pop_event(id);
        events.push_back({event.token, Event::Kind::kFinished, record->outcome, event.handle});
        if (!hold) paid_locked(event.handle.slot, now, effects);
      }
      ++count;
    }
    left = pending != nullptr;
    expire_locked(now, effects);
  }
  apply(effects);
  return left;
}

Record* FutureTable::find_locked(Handle handle) { return find_in(records_, handle); }

const Record* FutureTable::find_locked(Handle handle) const { return find_in(records_, handle); }

// --- Looking.

std::vector<std::optional<FutureSnapshot>> FutureTable::get(AccountIndex caller, std::span<const FutureId> ids) {
  std::vector<std::optional<FutureSnapshot>> snapshots(ids.size());
  MutexLock lock(mu_);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const std::uint32_t slot = find_locked(caller, ids[i]);
    if (slot != kNone) snapshots[i] = snapshot_locked(slot);
  }
  return snapshots;
}

std::vector<std::optional<State>> FutureTable::states(AccountIndex caller, std::span<const FutureId> ids) {
  std::vector<std::optional<State>> states(ids.size());
  MutexLock lock(mu_);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const std::uint32_t slot = find_locked(caller, ids[i]);
    if (slot != kNone) states[i] = records_[slot].shown();
  }
  return states;
}

std::vector<FutureSnapshot> FutureTable::list(AccountIndex caller, const ListFilter& filter, std::size_t most) {
  // A heap whose top is the last, so that it gives way to those before it.
  std::vector<FutureSnapshot> found;
  const auto in_order = [&](const FutureSnapshot& a, const FutureSnapshot& b) {
    return filter.comes_before(a.sequence, b.sequence);
  };
  for (std::uint32_t slot = 0, end = 1; slot < end;) {
    MutexLock lock(mu_);
    end = records_.capacity();
    for (const std::uint32_t stop = std::min(end, slot + kSlotsAtOnce); slot < stop; ++slot) {
      const Record& record = records_[slot];
      if (!matches(filter, record) || !accounts_.sees(caller, record.account)) continue;
      if (found.size() == most) {
        if (most == 0 || filter.comes_before(found.front().sequence, record.sequence)) continue;
        std::ranges::pop_heap(found, in_order);
        found.pop_back();
      }
      found.push_back(snapshot_locked(slot));
      std::ranges::push_heap(found, in_order);
    }
  }
  std::ranges::sort_heap(found, in_order);
  return found;
}

FutureSnapshot FutureTable::snapshot_locked(std::uint32_t slot) const {
  const Record& record = records_[slot];
  FutureSnapshot snapshot;
  snapshot.id = record.id;
  snapshot.sequence = record.sequence;
  snapshot.state = record.shown();
  snapshot.function = record.function->name;
  snapshot.executor = record.executor;
  snapshot.attempt = record.attempt;
  snapshot.submitted = record.submitted;
  snapshot.arguments = record.arguments;
  snapshot.arguments_size = record.arguments_size;
  snapshot.fails_at = record.expires();
  snapshot.options = record.options;
  if (record.started != Time()) snapshot.started = record.started;
  if (const auto progress = progress_of(progress_, slot)) snapshot.progress = *progress;
  if (const TaskLog* log = logs_.find(slot); log != nullptr) {
    snapshot.log_lines = log->lines().size();
    snapshot.log_lines_dropped = log->dropped();
  }
  if (record.waiting) snapshot.due = record.deadline;
  if (!is_final(record.state)) snapshot.last_error = record.outcome.error;
  if (record.published) {
    snapshot.outcome = record.outcome;
    snapshot.finished = record.finished;
    if (record.owed == 0) snapshot.expires = record.deadline;
  }
  return snapshot;
}

TableStats FutureTable::stats() const {
  MutexLock lock(mu_);
  return stats_locked();
}

TableStats FutureTable::stats_locked() const {
  TableStats stats = stats_;
  stats.retained = retention_.count();
  stats.owed = retention_.owed();
  stats.retained_bytes = retention_.bytes();
  stats.subscribers = watches_.subscribers();
  stats.watches = watches_.watches();
  stats.draining = draining_;
  return stats;
}

// --- Forgetting.

void FutureTable::release(std::span<const Handle> handles) {
  Effects effects;
  {
    MutexLock lock(mu_);
    for (const Handle handle : handles) {
      const Record* record = find_locked(handle);
      if (record == nullptr || !record->published || record->owed > 0 || record->options.retention.count() >= 0) {
        continue;
      }
      forget_locked(handle.slot);
    }
  }
  apply(effects);
}

std::vector<ForgetEffect> FutureTable::forget(AccountIndex caller, std::span<const FutureId> ids) {
  std::vector<ForgetEffect> results;
  results.reserve(ids.size());
  Effects effects;
  {
    MutexLock lock(mu_);
    for (const FutureId id : ids) {
      const std::uint32_t slot = find_locked(caller, id);
      if (slot == kNone) {
        results.push_back(ForgetEffect::kNotFound);
      } else if (!records_[slot].published) {
        results.push_back(ForgetEffect::kUnfinished);
      } else {
        forget_locked(slot);
        results.push_back(ForgetEffect::kForgotten);
      }
    }
  }
  apply(effects);
  return results;
}

}  // namespace futured::core
