#include "server/core/future_table.h"

#include <algorithm>

#include "server/core/duration_text.h"
#include "server/core/future_table_state.h"

namespace futured::core {
namespace {

bool same_arguments(const Record& record, const NewTask& task) {
  if (record.arguments_size != task.arguments.size() || record.arguments_hash != task.arguments_hash) return false;
  return is_final(record.state) || record.arguments.view() == task.arguments.view();
}

Result<void> check_timeout(Duration timeout, const Limits& limits) {
  if (!limits.max_timeout || timeout <= *limits.max_timeout) return {};
  return tl::unexpected(Status{
      Reason::kTimeoutTooLong,
      "timeout " + text_of(timeout) + " is above the maximum of " + text_of(*limits.max_timeout) + " (max_timeout)",
      {},
      "options.timeout"});
}

// What exceeds a limit by itself need not be tried again.
Result<void> full(Reason reason, std::string why, bool for_good, const Limits& limits) {
  return failure(reason, std::move(why), for_good ? std::chrono::milliseconds() : limits.retry_delay);
}

}  // namespace

FutureTable::FutureTable(Parts parts, const Limits& limits)
    : clock_(parts.clock),
      timekeeper_(parts.timekeeper),
      store_(parts.store),
      limits_(limits),
      wants_transitions_(parts.store.wants_transitions()),
      keeps_futures_(parts.store.keeps_futures()),
      spans_(parts.tracing.sink),
      accounts_(limits.retry_delay),
      watches_(records_),
      retention_(records_, limits_),
      logs_(limits_),
      tracing_(parts.tracing) {}

FutureTable::~FutureTable() = default;

// --- Executors.

ExecutorIndex FutureTable::add_executor(Executor& executor) {
  MutexLock lock(mu_);
  const auto index = static_cast<ExecutorIndex>(executors_.size());
  auto entry = std::make_unique<ExecutorEntry>(executor, records_);
  entry->index = index;
  for (const auto& function : executor.describe().functions) {
    functions_.pin(index, function.name, function.is_coroutine, function.is_alone);
  }
  executors_.push_back(std::move(entry));
  return index;
}

Result<ExecutorIndex> FutureTable::find_executor(std::string_view name) const {
  MutexLock lock(mu_);
  std::string known;
  for (const auto& entry : executors_) {
    const std::string& candidate = entry->executor.describe().name;
    if (name.empty() || candidate == name) return entry->index;
    known += (known.empty() ? "" : ", ") + candidate;
  }
  return failure(Reason::kExecutorUnknown, "executor \"" + std::string(name) + "\" is unknown; there are: " + known,
                 Resource{"executor", std::string(name)});
}

std::vector<ExecutorSnapshot> FutureTable::executors() const {
  MutexLock lock(mu_);
  std::vector<ExecutorSnapshot> snapshots;
  for (const auto& entry : executors_) snapshots.push_back(entry->snapshot());
  return snapshots;
}

void FutureTable::set_executor_state(ExecutorIndex executor, ExecutorState state) {
  Effects effects;
  {
    MutexLock lock(mu_);
    executors_[executor]->state = state;
    if (state == ExecutorState::kPaused) call_off_all_starts_locked(*executors_[executor]);
    plan_wake_locked(*executors_[executor], false, effects);
  }
  apply(effects);
}

// --- Submitting.

Result<void> FutureTable::create(std::span<TaskGroup> groups, SubscriberId watcher,
                                 std::function<void()> when_durable) {
  const std::optional<Status> refusal = store_.refusal();
  for (const TaskGroup& group : groups) {
    for (NewTask& task : group.tasks) task.arguments_hash = hash_of(task.arguments);
  }
  Effects effects;
  {
    MutexLock lock(mu_);
    if (auto checked = check_groups_locked(groups, refusal); !checked) {
      ++stats_.refused;
      return checked;
    }
    for (TaskGroup& group : groups) create_group_locked(group, watcher, effects);
    for (const TaskGroup& group : groups) plan_wake_locked(*executors_[group.executor], true, effects);
    effects.when_durable = std::move(when_durable);
  }
  apply(effects);
  return {};
}

Result<void> FutureTable::check_groups_locked(std::span<const TaskGroup> groups, const std::optional<Status>& refusal) {
  std::uint64_t fresh = 0;
  std::uint64_t bytes = 0;
  for (const TaskGroup& group : groups) {
    const std::uint64_t fresh_before = fresh;
    std::optional<SessionId> own;
    for (const NewTask& task : group.tasks) {
      const std::uint32_t slot = index_.find(task.id);
      if (slot == kNone) {
        if (!task.is_drawn && own != task.id.session()) {
          own = task.id.session();
          if (auto chosen = check_session_locked(group.account, *own); !chosen) return chosen;
        }
        if (auto allowed = check_timeout(group.options.timeout, limits_); !allowed) return allowed;
        ++fresh;
        bytes += task.arguments.size();
      } else if (auto same = check_existing_locked(group, task, slot); !same) {
        return same;
      }
    }
    if (fresh == fresh_before) continue;
    if (auto open = check_takes_tasks_locked(*executors_[group.executor]); !open) return open;
  }
  // What exists costs nothing: who repeats himself is answered, however full the table or the disk is.
  if (fresh == 0) return {};
  if (refusal) return tl::unexpected(*refusal);
  if (auto room = check_capacity_locked(fresh, bytes); !room) return room;
  return accounts_.admit(groups.front().account, fresh, bytes, clock_.now());
}

Result<void> FutureTable::check_takes_tasks_locked(const ExecutorEntry& entry) const {
  if (draining_ != Draining::kNo)
    return failure(Reason::kDaemonDraining, "the daemon is draining", limits_.retry_delay);
  if (entry.state != ExecutorState::kDraining) return {};
  const ExecutorDescription& described = entry.executor.describe();
  const std::string name = "executor \"" + described.name + "\" is ";
  const Resource resource{"executor", described.name};
  if (!described.is_absent()) {
    return failure(Reason::kExecutorDraining, name + "draining", resource, limits_.retry_delay);
  }
  return failure(Reason::kExecutorNotConfigured, name + "not configured; only older futures know it", resource);
}

Result<void> FutureTable::check_existing_locked(const TaskGroup& group, const NewTask& task, std::uint32_t slot) const {
  const Record& record = records_[slot];
  if (!accounts_.same_space(group.account, record.account)) return tl::unexpected(foreign_session(task.id.session()));
  const char* difference = record.function->name != group.function               ? "function"
                           : record.executor != group.executor                   ? "executor"
                           : record.options.timeout != group.options.timeout     ? "timeout"
                           : record.options.retention != group.options.retention ? "retention"
                           : !ask_the_same(record.options, group.options)        ? "option"
                           : !same_arguments(record, task)                       ? "list of arguments"
                                                                                 : nullptr;
  if (difference == nullptr) return {};
  return failure(Reason::kFutureIdTaken,
                 "future " + to_string(task.id) + " exists with another " + std::string(difference),
                 Resource{"future", to_string(task.id)});
}

Result<void> FutureTable::check_capacity_locked(std::uint64_t tasks, std::uint64_t bytes) const {
  const std::uint64_t held = stats_.unfinished + retention_.owed();
  if (held + tasks > limits_.max_pending) {
    return full(Reason::kTooManyPending,
                std::to_string(tasks) + " tasks are too many: " + std::to_string(held) +
                    " futures are unfinished or not yet delivered, and the limit is " +
                    std::to_string(limits_.max_pending) + " (max_pending)",
                tasks > limits_.max_pending, limits_);
  }
  if (stats_.unfinished_bytes + bytes > limits_.max_pending_bytes) {
    return full(Reason::kTooManyPendingBytes,
                std::to_string(bytes) + " bytes of arguments are too many: unfinished futures hold " +
                    std::to_string(stats_.unfinished_bytes) + ", and the limit is " +
                    std::to_string(limits_.max_pending_bytes) + " (max_pending_bytes)",
                bytes > limits_.max_pending_bytes, limits_);
  }
  return {};
}

void FutureTable::create_group_locked(TaskGroup& group, SubscriberId watcher, Effects& effects) {
  if (group.tasks.empty()) return;
  FunctionInfo* function = functions_.acquire(group.executor, group.function, group.tasks.size());
  SessionId session_id;
  Session* session = nullptr;
  Lane* lane = nullptr;
  const Time now = clock_.now();
  for (NewTask& task : group.tasks) {
    std::uint32_t slot = index_.find(task.id);
    if (slot == kNone) {
      if (lane == nullptr || session_id != task.id.session()) {
        session_id = task.id.session();
        session = &use_session_locked(session_id, group.account);
        lane = lane_for_locked(*session, group.account, group.executor);
      }
      session->highest = std::max(session->highest, task.id.counter());
      slot = new_record_locked(group, task, function, lane);
      records_[slot].submitted = now;
      if (tracing_.samples()) tracing_.choose(records_[slot]);
      if (group.options.policy == nullptr) {
        queue_locked(slot);
      } else {
        schedule_locked(slot, std::nullopt, now);
      }
      note_submitted_locked(records_[slot]);
    } else {
      functions_.release(function);
    }
    if (watcher != kNoSubscriber) watch_locked(watcher, slot, task.token, effects);
  }
  if (group.options.policy != nullptr) need_ticks_locked(effects);
}

std::uint32_t FutureTable::new_record_locked(const TaskGroup& group, NewTask& task, FunctionInfo* function,
                                             Lane* lane) {
  const std::uint32_t slot = records_.allocate();
  Record& record = records_[slot];
  record.id = task.id;
  record.watches = kNone;
  record.state = State::kPending;
  record.in_use = true;
  record.waiting = record.starting = record.stop_requested = false;
  record.account = group.account;
  record.executor = group.executor;
  record.attempt = 0;
  record.owed = 0;
  record.published = false;
  record.kept = Record::Kept::kNowhere;
  record.started = Time();
  record.deadline = Time::min();
  record.lease = nullptr;
  record.lane = lane;
  record.function = function;
  record.arguments_size = task.arguments.size();
  record.arguments_hash = task.arguments_hash;
  record.arguments = std::move(task.arguments);
  record.sequence = next_sequence_++;
  record.options = group.options;
  index_.insert(record.id, slot);
  ++stats_.submitted;
  ++stats_.unfinished;
  stats_.unfinished_bytes += record.arguments_size;
  Account& account = accounts_[group.account];
  ++account.submitted;
  ++account.unfinished;
  account.unfinished_bytes += record.arguments_size;
  return slot;
}

// --- Changing states.

void FutureTable::complete_locked(std::uint32_t slot, Outcome outcome, Time now, Effects& effects) {
  Record& record = records_[slot];
  trace_end_locked(slot, outcome, true, now, effects);
  withdraw_locked(slot);
  if (const auto expires = record.expires()) expiries_.erase({*expires, slot});
  record.state = outcome.state;
  record.outcome = std::move(outcome);
  record.finished = now;
  // What has failed or was cancelled may be submitted again.
  if (record.state == State::kSucceeded) record.arguments = Bytes();
  if (!note_finished_locked(slot)) publish_locked(slot, now, effects);
}

// Takes an unfinished future from wherever it stands: its lane, those that wait or start, its lease.
void FutureTable::withdraw_locked(std::uint32_t slot) {
  Record& record = records_[slot];
  if (record.queued) executors_[record.executor]->queue.remove(*record.lane, slot);
  if (record.waiting) stop_waiting_locked(slot);
  if (record.starting) stop_starting_locked(record);
  if (record.lease != nullptr && time_limit_of(record, limits_).count() >= 0) timeouts_.erase({record.deadline, slot});
  record.lease = nullptr;
  if (!progress_.empty()) progress_.erase(slot);
}

// From here on everybody may know how it ended.
void FutureTable::publish_locked(std::uint32_t slot, Time now, Effects& effects) {
  Record& record = records_[slot];
  ExecutorEntry& executor = *executors_[record.executor];
  record.published = true;
  uncount_unfinished_locked(record);
  switch (record.state) {
    case State::kSucceeded:
      ++stats_.succeeded, ++executor.succeeded;
      break;
    case State::kFailed:
      ++stats_.failed, ++executor.failed;
      ++executor.failures[static_cast<std::size_t>(record.outcome.error->origin)];
      break;
    default:
      ++stats_.cancelled, ++executor.cancelled;
      break;
  }
  record.owed = watches_.post_finished(slot, effects.notify);
  accounts_[record.account].owed += record.owed > 0;
  keep_locked(slot, now, effects);
}

void FutureTable::keep_locked(std::uint32_t slot, Time now, Effects& effects) {
  retention_.keep(slot, now);
  if (records_[slot].owed == 0) need_tick_locked(records_[slot].deadline, effects);
}

void FutureTable::paid_locked(std::uint32_t slot, Time now, Effects& effects) {
  if (--records_[slot].owed > 0) return;
  --accounts_[records_[slot].account].owed;
  keep_locked(slot, now, effects);
  if (draining_ != Draining::kNo && retention_.owed() == 0) idle_.notify_all();
}

void FutureTable::forget_locked(std::uint32_t slot) {
  Record& record = records_[slot];
  note_forgotten_locked(record);
  retention_.remove(slot);
  index_.erase(record.id);
  functions_.release(record.function);
  logs_.erase(slot);
  record.outcome = Outcome();
  record.arguments = Bytes();
  record.options.policy = nullptr;
  record.in_use = false;
  accounts_[record.account].owed -= record.owed > 0;
  record.owed = 0;
  ++record.generation;
  records_.free(slot);
  if (draining_ != Draining::kNo && retention_.owed() == 0) idle_.notify_all();
}

}  // namespace futured::core
