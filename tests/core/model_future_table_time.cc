// ModelFutureTable: attempts, and what happens when a time comes.
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "server/core/duration_text.h"
#include "server/core/retry.h"
#include "tests/core/model_future_table.h"

namespace futured::testing {

using core::FutureId;
using core::Outcome;
using core::State;
using core::Time;
using Phase = ModelEntry::Phase;

namespace {

// After this a lease is called in at the next tick.
constexpr core::Duration kLoan = std::chrono::milliseconds(1);

Outcome time_is_up(const std::string& message, core::Duration limit, const std::string& rest) {
  core::Error error;
  error.origin = core::Origin::kTimeout;
  error.type = "TimeoutError";
  error.message = message + core::text_of(limit) + rest;
  return Outcome::failed(error);
}

}  // namespace

void ModelFutureTable::enqueue(FutureId id, ModelFuture& future) {
  future.place = ++last_place_;
  lanes_.at(future.lane).queue[turn_of(future)] = id;
}

void ModelFutureTable::schedule(FutureId id, ModelFuture& future, Time begins, Time now) {
  if (begins > now) {
    future.due = begins;
  } else {
    enqueue(id, future);
  }
}

void ModelFutureTable::end_attempt(FutureId id, ModelFuture& future, const Outcome& outcome, Time now) {
  const bool retried = outcome.state == State::kFailed && !future.stop_requested &&
                       is_retried(future.policy, *outcome.error, future.attempt);
  const Time due = now + back_off(future.policy, id, future.attempt);
  const bool too_late = future.policy.expires.count() >= 0 && due >= future.submitted + future.policy.expires;
  if (!retried || too_late) return complete(id, future, outcome, now);
  future.lease = nullptr;
  future.state = State::kPending;
  future.started.reset();
  future.has_error = true;
  future.due = due;
  ++counters_.retried;
}

void ModelFutureTable::tick(Time now) {
  // A copy, as the order is that at the beginning.
  for (ModelLease* lease : std::vector<ModelLease*>(open_leases_)) {
    if (!lease->called_in && now - lease->lent_at >= kLoan) {
      call_in(*lease);
    } else if (lease->called_in) {
      for (const ModelEntry& entry : lease->entries) mark_running(entry);
    }
  }
  time_out(now);
  fail_expired(now);
  begin_due(now);
  evict(now);
}

void ModelFutureTable::call_in(ModelLease& lease) {
  lease.called_in = true;
  // The first that has not ended stays with its worker.
  bool first = true;
  for (ModelEntry& entry : lease.entries) {
    const bool open = entry.phase == Phase::kLent || entry.phase == Phase::kBegun;
    if (open && std::exchange(first, false)) continue;
    if (entry.phase != Phase::kLent) continue;
    entry.phase = Phase::kRevoked;
    stopped_running(entry);
    ModelFuture& future = *unfinished(entry);
    future.lease = nullptr;
    --future.attempt;
    lanes_.at(future.lane).queue[turn_of(future)] = entry.id;
  }
  for (std::size_t i = 0; i < lease.entries.size(); ++i) report(lease, i);
  for (const ModelEntry& entry : lease.entries) mark_running(entry);
}

void ModelFutureTable::time_out(Time now) {
  std::set<std::tuple<Time, std::uint32_t, FutureId>> up;
  for (const auto& [id, future] : futures_) {
    if (future.lease == nullptr || future.timeout.count() < 0 || future.deadline > now) continue;
    up.emplace(future.deadline, future.slot, id);
  }
  for (const auto& [deadline, slot, id] : up) {
    ModelFuture& future = futures_.at(id);
    ModelLease& lease = *future.lease;
    ModelEntry& entry = lease.entries[future.entry];
    if (entry.phase == Phase::kDone) {
      report(lease, future.entry);
      continue;
    }
    if (entry.phase == Phase::kLent) {
      entry.phase = Phase::kRevoked;
      stopped_running(entry);
    }
    mark_running(entry);
    end_attempt(id, future, time_is_up("the task ran longer than its timeout of ", future.timeout, ""), now);
  }
}

void ModelFutureTable::fail_expired(Time now) {
  std::set<std::tuple<Time, std::uint32_t, FutureId>> up;
  for (const auto& [id, future] : futures_) {
    if (is_final(future.state) || future.policy.expires.count() < 0) continue;
    const Time expires = future.submitted + future.policy.expires;
    if (expires <= now) up.emplace(expires, future.slot, id);
  }
  for (const auto& [expires, slot, id] : up) {
    ModelFuture& future = futures_.at(id);
    if (future.lease != nullptr) {
      ModelEntry& entry = future.lease->entries[future.entry];
      if (entry.phase == Phase::kDone) report(*future.lease, future.entry);
      if (is_final(future.state)) continue;
      if (entry.phase == Phase::kLent) {
        entry.phase = Phase::kRevoked;
        stopped_running(entry);
      }
      mark_running(entry);
    }
    const Outcome outcome =
        time_is_up("the future has expired: it had not ended ", future.policy.expires, " after its submission");
    complete(id, future, outcome, now);
  }
}

void ModelFutureTable::begin_due(Time now) {
  std::set<std::tuple<Time, std::uint32_t, FutureId>> begins;
  for (const auto& [id, future] : futures_) {
    if (future.due && *future.due <= now) begins.emplace(*future.due, future.slot, id);
  }
  for (const auto& [due, slot, id] : begins) {
    ModelFuture& future = futures_.at(id);
    future.due.reset();
    enqueue(id, future);
  }
}

}  // namespace futured::testing
