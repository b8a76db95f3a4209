#include "tests/core/model_future_table.h"

#include <algorithm>
#include <utility>

namespace futured::testing {

using core::FutureId;
using core::Outcome;
using core::State;
using core::SubscriberId;
using core::Time;
using Kind = core::Event::Kind;
using Phase = ModelEntry::Phase;

namespace {

bool is_coroutine(const std::string& function) { return function == "coroutine"; }

core::TaskPolicy policy_of(const core::TaskOptions& options) {
  return options.policy == nullptr ? core::TaskPolicy() : *options.policy;
}

}  // namespace

// --- Submitting.

bool ModelFutureTable::open_session(core::SessionId session, std::uint64_t max_running, core::AccountIndex account) {
  if (owners_.try_emplace(session, account).first->second != account) {
    ++counters_.refused;
    return false;
  }
  caps_[session] = max_running;
  for (auto& [key, lane] : lanes_) {
    if (key.session == session) lane.limit = max_running == 0 ? UINT64_MAX : max_running;
  }
  return true;
}

std::optional<core::Reason> ModelFutureTable::refusal_of(const core::TaskGroup& options, const NewTask& task) const {
  const auto same_space = [&](core::AccountIndex owner) {
    return accounts_[options.account].name_space == accounts_[owner].name_space;
  };
  const auto known = futures_.find(task.id);
  if (known == futures_.end()) {
    const auto owner = owners_.find(task.id.session());
    if (owner == owners_.end() || same_space(owner->second)) return std::nullopt;
    return core::Reason::kSessionForeign;
  }
  const ModelFuture& future = known->second;
  if (!same_space(future.account)) return core::Reason::kSessionForeign;
  const bool same = future.function == options.function && future.executor == options.executor &&
                    future.timeout == options.options.timeout && future.retention == options.options.retention &&
                    future.policy == policy_of(options.options) && future.arguments == task.arguments;
  return same ? std::nullopt : std::optional(core::Reason::kFutureIdTaken);
}

std::optional<core::Reason> ModelFutureTable::create(const core::TaskGroup& options, const std::vector<NewTask>& tasks,
                                                     SubscriberId watcher, Time now) {
  std::optional<core::Reason> refusal;
  std::uint64_t fresh = 0;
  std::uint64_t bytes = 0;
  for (const NewTask& task : tasks) {
    if (!refusal) refusal = refusal_of(options, task);
    if (futures_.contains(task.id)) continue;
    ++fresh;
    bytes += task.arguments.size();
  }
  const core::TableStats stats = this->stats();
  if (!refusal && fresh > 0 && states_[options.executor] == core::ExecutorState::kDraining) {
    refusal = core::Reason::kExecutorDraining;
  }
  if (!refusal && fresh > 0 && stats.unfinished + stats.owed + fresh > limits_.max_pending) {
    refusal = core::Reason::kTooManyPending;
  }
  if (!refusal && fresh > 0 && stats.unfinished_bytes + bytes > limits_.max_pending_bytes) {
    refusal = core::Reason::kTooManyPendingBytes;
  }
  if (!refusal && fresh > 0) refusal = refusal_of_account(options.account, fresh, bytes);
  if (refusal) {
    ++counters_.refused;
    return refusal;
  }
  for (const NewTask& task : tasks) {
    if (!futures_.contains(task.id)) {
      ModelFuture& future = futures_[task.id];
      future.instance = future.sequence = ++last_sequence_;
      if (free_slots_.empty()) {
        future.slot = fresh_slot_++;
      } else {
        future.slot = free_slots_.back();
        free_slots_.pop_back();
      }
      future.account = options.account;
      future.executor = options.executor;
      future.function = options.function;
      future.arguments = task.arguments;
      future.timeout = options.options.timeout;
      future.retention = options.options.retention;
      future.policy = policy_of(options.options);
      future.submitted = now;
      const auto cap = caps_.find(task.id.session());
      const bool is_own = owners_.try_emplace(task.id.session(), options.account).first->second == options.account;
      const bool capped = is_own && cap != caps_.end() && cap->second > 0;
      future.lane = {options.executor, options.account, capped ? std::optional(task.id.session()) : std::nullopt};
      ModelLane& lane = lanes_[future.lane];
      if (capped) lane.limit = cap->second;
      schedule(task.id, future, now + future.policy.delay, now);
      ++counters_.submitted;
      ++submitted_[options.account];
    }
    if (watcher != core::kNoSubscriber) watch(watcher, task.id, task.token, now);
  }
  return std::nullopt;
}

// --- Leases.

std::optional<FutureId> ModelFutureTable::front(core::ExecutorIndex executor) const {
  if (states_[executor] == core::ExecutorState::kPaused) return std::nullopt;
  std::optional<std::pair<Turn, FutureId>> first;
  for (const auto& [key, lane] : lanes_) {
    if (key.executor != executor || lane.queue.empty() || lane.running >= lane.limit || is_full(key)) continue;
    if (!first || lane.queue.begin()->first < first->first) first = *lane.queue.begin();
  }
  if (!first) return std::nullopt;
  if (is_coroutine(futures_.at(first->second).function) && coroutines_[executor] >= max_coroutines_[executor]) {
    return std::nullopt;
  }
  return first->second;
}

std::string ModelFutureTable::lend(core::ExecutorIndex executor, const std::shared_ptr<core::Lease>& real, Time now) {
  ModelLease& lease = leases_[real.get()];
  lease.executor = executor;
  lease.lent_at = now;
  open_leases_.insert(open_leases_.begin(), &lease);
  for (std::size_t i = 0; i < real->size(); ++i) {
    const core::LeaseEntry& entry = (*real)[i];
    const auto expected = front(executor);
    if (!expected) return to_string(entry.id) + " was lent though none may be";
    if (entry.id != *expected) return to_string(entry.id) + " was lent before " + to_string(*expected);
    ModelFuture& future = futures_.at(entry.id);
    if (entry.arguments.view() != future.arguments) return to_string(entry.id) + " has other arguments";
    if (entry.slot != future.slot) return to_string(entry.id) + " is in another slot";
    if (entry.attempt != ++future.attempt) return to_string(entry.id) + " has attempt " + std::to_string(entry.attempt);
    if (future.timeout.count() >= 0 && real->size() > 1) return to_string(entry.id) + " has company and a timeout";
    ModelLane& lane = lanes_[future.lane];
    lane.queue.erase(turn_of(future));
    ++lane.running;
    future.lease = &lease;
    future.entry = i;
    if (future.timeout.count() >= 0) future.deadline = now + future.timeout;
    ModelEntry& mine = lease.entries.emplace_back();
    mine.id = entry.id;
    mine.instance = future.instance;
    mine.attempt = future.attempt;
    mine.lane = future.lane;
    mine.is_coroutine = is_coroutine(future.function);
    coroutines_[executor] += mine.is_coroutine;
  }
  return lease.entries.empty() ? "an empty lease" : "";
}

bool ModelFutureTable::begin(core::Lease& real, std::size_t i, Time now) {
  ModelEntry& entry = lease(real).entries[i];
  if (entry.phase != Phase::kLent) return false;
  entry.phase = Phase::kBegun;
  entry.started = now;
  return true;
}

void ModelFutureTable::end(core::Lease& real, std::size_t i, Time now, const Outcome& outcome) {
  ModelEntry& entry = lease(real).entries[i];
  entry.phase = Phase::kDone;
  entry.finished = now;
  entry.outcome = outcome;
}

void ModelFutureTable::exchange(core::Lease& real) {
  ModelLease& mine = lease(real);
  for (std::size_t i = 0; i < mine.entries.size(); ++i) report(mine, i);
  for (const ModelEntry& entry : mine.entries) mark_running(entry);
  std::erase(open_leases_, &mine);
  evict(mine.lent_at);
}

void ModelFutureTable::finish(core::Lease& real, std::size_t i) {
  report(lease(real), i);
  evict(lease(real).lent_at);
}

ModelFuture* ModelFutureTable::unfinished(const ModelEntry& entry) {
  const auto future = futures_.find(entry.id);
  if (future == futures_.end() || future->second.instance != entry.instance) return nullptr;
  const bool is_current = future->second.lease != nullptr && future->second.attempt == entry.attempt;
  return is_current ? &future->second : nullptr;
}

void ModelFutureTable::report(ModelLease& lease, std::size_t i) {
  ModelEntry& entry = lease.entries[i];
  if (entry.phase != Phase::kDone) return;
  entry.phase = Phase::kReported;
  stopped_running(entry);
  ModelFuture* const future = unfinished(entry);
  if (future == nullptr) {
    ++counters_.late;
    return;
  }
  future->started = entry.started;
  end_attempt(entry.id, *future, entry.outcome, entry.finished);
}

void ModelFutureTable::mark_running(const ModelEntry& entry) {
  ModelFuture* const future = unfinished(entry);
  if (entry.phase != Phase::kBegun || future == nullptr || future->state != State::kPending) return;
  future->state = State::kRunning;
  future->started = entry.started;
  for (auto watch = future->watches.rbegin(); watch != future->watches.rend(); ++watch) {
    outboxes_.at(watch->first).push_back({watch->second, Kind::kStarted, entry.id, entry.instance, {}});
  }
}

void ModelFutureTable::stopped_running(const ModelEntry& entry) {
  --lanes_.at(entry.lane).running;
  coroutines_[entry.lane.executor] -= entry.is_coroutine;
}

// --- Ends.

void ModelFutureTable::complete(FutureId id, ModelFuture& future, const Outcome& outcome, Time now) {
  if (future.lease == nullptr && !future.due) lanes_.at(future.lane).queue.erase(turn_of(future));
  future.lease = nullptr;
  future.due.reset();
  future.has_error = false;
  future.state = outcome.state;
  future.outcome = outcome;
  future.finished = now;
  unpublished_.push_back(id);
  if (!deferred_) settle(now);
}

void ModelFutureTable::settle(Time now) {
  if (unpublished_.empty()) return;
  for (const FutureId id : std::exchange(unpublished_, {})) publish(id);
  if (deferred_) evict(now);
}

void ModelFutureTable::publish(FutureId id) {
  ModelFuture& future = futures_.at(id);
  future.published = true;
  counters_.succeeded += future.state == State::kSucceeded;
  counters_.failed += future.state == State::kFailed;
  counters_.cancelled += future.state == State::kCancelled;
  for (auto watch = future.watches.rbegin(); watch != future.watches.rend(); ++watch) {
    outboxes_.at(watch->first).push_back({watch->second, Kind::kFinished, id, future.instance, {}});
  }
  future.owed = static_cast<unsigned>(future.watches.size());
  future.watches.clear();
  keep(future, future.finished);
}

core::CancelEffect ModelFutureTable::cancel(FutureId id, core::CancelMode mode, Time now) {
  const auto found = futures_.find(id);
  if (found == futures_.end()) return core::CancelEffect::kNotFound;
  ModelFuture& future = found->second;
  if (future.lease != nullptr) {
    ModelLease& lease = *future.lease;
    ModelEntry& entry = lease.entries[future.entry];
    if (entry.phase == Phase::kBegun) {
      mark_running(entry);
      future.stop_requested = future.stop_requested || mode != core::CancelMode::kPending;
      return mode == core::CancelMode::kPending ? core::CancelEffect::kRunning : core::CancelEffect::kStopRequested;
    }
    if (entry.phase == Phase::kDone) {
      report(lease, future.entry);
    } else {
      entry.phase = Phase::kRevoked;
      stopped_running(entry);
    }
  }
  if (future.state == State::kCancelled) return core::CancelEffect::kAlreadyCancelled;
  if (is_final(future.state)) return core::CancelEffect::kFinished;
  complete(id, future, Outcome::cancelled(), now);
  return core::CancelEffect::kCancelled;
}

std::vector<core::CancelEffect> ModelFutureTable::cancel(core::AccountIndex caller, const std::vector<FutureId>& ids,
                                                         core::CancelMode mode, Time now) {
  std::vector<core::CancelEffect> effects;
  for (const FutureId id : ids) {
    effects.push_back(is_visible(caller, id) ? cancel(id, mode, now) : core::CancelEffect::kNotFound);
  }
  evict(now);
  return effects;
}

core::CancelCounts ModelFutureTable::cancel_all(core::AccountIndex caller, std::optional<core::SessionId> session,
                                                core::CancelMode mode, Time now) {
  std::map<std::uint32_t, FutureId> by_slot;
  for (const auto& [id, future] : futures_) {
    if (is_final(future.state) || !sees(caller, future.account)) continue;
    if (!session || id.session() == *session) by_slot[future.slot] = id;
  }
  core::CancelCounts counts;
  for (const auto& [slot, id] : by_slot) {
    const core::CancelEffect effect = cancel(id, mode, now);
    counts.cancelled += effect == core::CancelEffect::kCancelled;
    counts.stop_requested += effect == core::CancelEffect::kStopRequested;
  }
  evict(now);
  return counts;
}

}  // namespace futured::testing
