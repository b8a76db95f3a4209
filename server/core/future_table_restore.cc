// FutureTable: futures that survived the daemon.
#include <algorithm>
#include <utility>

#include "server/core/future_table_state.h"

namespace futured::core {

void FutureTable::restore(std::vector<StoredFuture> futures) {
  Effects effects;
  {
    MutexLock lock(mu_);
    for (StoredFuture& future : futures) restore_locked(future, effects);
  }
  // Of all else restored() sees to.
  if (!effects.spans.empty()) spans_->record(std::move(effects.spans));
}

void FutureTable::restore_locked(StoredFuture& future, Effects& effects) {
  StoredTask& stored = future.task;
  TaskGroup group;
  group.function = stored.function;
  group.options = std::move(stored.options);
  while (executors_[group.executor]->executor.describe().name != stored.executor) ++group.executor;
  NewTask task{future.id, std::move(stored.arguments)};
  task.arguments_hash = hash_of(task.arguments);
  if (stored.account != nullptr) group.account = accounts_.find_or_add(*stored.account);
  Session& session = use_session_locked(future.id.session(), group.account);
  // The daemon before drew its ID.
  if (!accounts_.same_space(session.account, group.account)) session.is_shared = true;
  session.highest = std::max(session.highest, future.id.counter());
  if (session.account == group.account && session.max_running != stored.session_limit) {
    limit_locked(session, stored.session_limit);
  }
  FunctionInfo* function = functions_.acquire(group.executor, group.function, 1);
  const std::uint32_t slot =
      new_record_locked(group, task, function, lane_for_locked(session, group.account, group.executor));
  Record& record = records_[slot];
  record.sequence = future.sequence;
  record.submitted = stored.submitted;
  record.started = future.started.value_or(Time());
  record.attempt = future.attempt;
  record.state = record.stored = future.state;
  record.stop_requested = future.stop_requested;
  --stats_.submitted;
  --accounts_[group.account].submitted;
  if (is_final(future.state)) {
    record.outcome = std::move(future.outcome);
    record.finished = future.finished.value_or(record.submitted);
    record.published = true;
    uncount_unfinished_locked(record);
    // Those of one that has succeeded are not kept.
    record.arguments_size = stored.arguments_size;
    record.arguments_hash = stored.arguments_hash;
    retention_.keep_restored(slot);
    if (future.log != nullptr) logs_.restore(slot, *future.log);
  } else if (future.state == State::kRunning || future.stop_requested) {
    if (const auto expires = record.expires()) expiries_.emplace(*expires, slot);
    end_attempt_locked(slot, ended_with_daemon(record), clock_.now(), effects);
  } else {
    record.outcome = std::move(future.outcome);
    schedule_locked(slot, future.due, clock_.now());
  }
}

void FutureTable::restored(std::uint64_t highest_sequence, bool ended_in_order) {
  Effects effects;
  {
    MutexLock lock(mu_);
    next_sequence_ = std::max(next_sequence_, highest_sequence + 1);
    if (!ended_in_order) suspects_through_ = highest_sequence;
    for (const auto& executor : executors_) executor->suspects = executor->executor.describe().max_workers * kMostLent;
    // Nobody was told of them.
    ticks_.clear();
    const Time now = clock_.now();
    fail_expired_locked(now, effects);
    begin_due_locked(now, effects);
    for (const auto& executor : executors_) plan_wake_locked(*executor, false, effects);
    expire_locked(now, effects);
    need_ticks_locked(effects);
  }
  apply(effects);
}

}  // namespace futured::core
