// FutureTable: what running functions tell, and those who observe them.
#include <utility>

#include "server/core/future_table_state.h"

namespace futured::core {

// --- What functions tell.

void FutureTable::report_progress(Lease& lease, std::size_t i, Progress progress) {
  Effects effects;
  {
    MutexLock lock(mu_);
    if (record_of_locked(lease, i) == nullptr || !lease.begun_at(i)) return;
    mark_running_locked(lease, i, effects);
    progress.reported = clock_.now();
    const std::uint32_t slot = lease[i].slot;
    progress_.insert_or_assign(slot, std::make_shared<const Progress>(std::move(progress)));
    watches_.post_news(slot, Interest::kProgress, effects.notify);
  }
  apply(effects);
}

void FutureTable::append_log(Lease& lease, std::size_t i, std::span<const NewLogLine> lines, std::uint64_t dropped) {
  const WallTime time = clock_.wall_time();
  Effects effects;
  {
    MutexLock lock(mu_);
    if (record_of_locked(lease, i) == nullptr || !lease.begun_at(i)) return;
    mark_running_locked(lease, i, effects);
    logs_.append(lease[i].slot, lease[i].attempt, lines, dropped, time);
    watches_.post_news(lease[i].slot, Interest::kEverything, effects.notify);
  }
  apply(effects);
}

// --- Observing.

void FutureTable::observe(SubscriberId id, std::span<const WatchRequest> requests, Interest interest) {
  Effects effects;
  {
    MutexLock lock(mu_);
    const AccountIndex caller = watches_.account(id);
    for (const WatchRequest& request : requests) {
      const std::uint32_t slot = find_locked(caller, request.id);
      if (slot == kNone) continue;
      watches_.observe(id, slot, request.token, interest);
      if (interest == Interest::kEverything || progress_.contains(slot)) {
        watches_.post_news(slot, interest, effects.notify);
      }
    }
  }
  apply(effects);
}

std::optional<FutureNews> FutureTable::news(Handle handle, const LogPosition* after, std::size_t most_bytes) const {
  MutexLock lock(mu_);
  const Record* const record = find_locked(handle);
  if (record == nullptr) return std::nullopt;
  FutureNews news;
  news.state = record->shown();
  news.attempt = record->attempt;
  news.progress = progress_of(progress_, handle.slot);
  const TaskLog* const log = logs_.find(handle.slot);
  if (log != nullptr) news.last_line = log->end().number;
  if (after == nullptr) return news;
  news.position = *after;
  if (log == nullptr) return news;
  std::size_t bytes = 0;
  for (const LogLine& line : log->after(*after)) {
    bytes += sizeof line + line.text.size();
    news.more = !news.lines.empty() && bytes > most_bytes;
    if (news.more) break;
    news.lines.push_back(line);
  }
  news.position = log->end();
  if (news.more) news.position.number = news.lines.back().number;
  return news;
}

void FutureTable::settle(std::span<const Handle> held) {
  Effects effects;
  {
    MutexLock lock(mu_);
    const Time now = clock_.now();
    for (const Handle handle : held) {
      if (find_locked(handle) != nullptr) paid_locked(handle.slot, now, effects);
    }
    expire_locked(now, effects);
  }
  apply(effects);
}

}  // namespace futured::core
