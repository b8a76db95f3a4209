// FutureTable: cancelling.
#include <algorithm>

#include "server/core/future_table_state.h"

namespace futured::core {

std::vector<CancelEffect> FutureTable::cancel(AccountIndex caller, std::span<const FutureId> ids, CancelMode mode,
                                              Duration grace) {
  std::vector<CancelEffect> results;
  results.reserve(ids.size());
  Effects effects;
  {
    MutexLock lock(mu_);
    for (const FutureId id : ids) {
      const std::uint32_t slot = find_locked(caller, id);
      results.push_back(slot == kNone ? CancelEffect::kNotFound : cancel_locked(slot, mode, grace, effects));
    }
    expire_locked(clock_.now(), effects);
  }
  apply(effects);
  return results;
}

CancelEffect FutureTable::cancel_locked(std::uint32_t slot, CancelMode mode, Duration grace, Effects& effects) {
  Record& record = records_[slot];
  if (record.lease != nullptr) {
    Lease& lease = *record.lease;
    LeaseEntry& entry = lease[record.lease_entry];
    if (lease.revoke(record.lease_entry)) {
      stopped_running_locked(entry);
    } else if (entry.phase.load(std::memory_order_acquire) == LeaseEntry::Phase::kDone) {
      report_locked(lease, record.lease_entry, effects);
    } else {
      mark_running_locked(lease, record.lease_entry, effects);
      if (mode == CancelMode::kPending) return CancelEffect::kRunning;
      note_stop_requested_locked(record);
      Executor& executor = executors_[lease.executor_]->executor;
      const bool forced = mode == CancelMode::kForce && executor.describe().can_kill;
      const StopRequest request{forced ? StopRequest::Reason::kForce : StopRequest::Reason::kCancel, grace};
      effects.stop.push_back({&executor, lease.shared_from_this(), record.lease_entry, request});
      return forced ? CancelEffect::kStopEnforced : CancelEffect::kStopRequested;
    }
  }
  if (record.state == State::kCancelled) return CancelEffect::kAlreadyCancelled;
  if (is_final(record.state)) return CancelEffect::kFinished;
  complete_locked(slot, Outcome::cancelled(), clock_.now(), effects);
  return CancelEffect::kCancelled;
}

CancelCounts FutureTable::cancel_all(AccountIndex caller, std::optional<SessionId> session, CancelMode mode,
                                     Duration grace) {
  return cancel_chosen(
      [this, caller, session](const Record& record) FUTURED_REQUIRES(mu_) {
        return (!session || record.id.session() == *session) && accounts_.sees(caller, record.account);
      },
      mode, grace);
}

CancelCounts FutureTable::cancel_unkept(CancelMode mode, Duration grace) {
  return cancel_chosen([this](const Record& record) FUTURED_REQUIRES(mu_) { return !is_stored_locked(record); }, mode,
                       grace);
}

CancelCounts FutureTable::cancel_chosen(const std::function<bool(const Record&)>& chosen, CancelMode mode,
                                        Duration grace) {
  constexpr std::uint32_t kAtOnce = 4096;
  CancelCounts counts;
  for (std::uint32_t slot = 0, end = 1; slot < end;) {
    Effects effects;
    {
      MutexLock lock(mu_);
      end = records_.capacity();
      for (const std::uint32_t stop = std::min(end, slot + kAtOnce); slot < stop; ++slot) {
        const Record& record = records_[slot];
        if (!record.in_use || is_final(record.state) || !chosen(record)) continue;
        const CancelEffect effect = cancel_locked(slot, mode, grace, effects);
        counts.cancelled += effect == CancelEffect::kCancelled;
        counts.stop_requested += was_asked_to_stop(effect);
      }
      expire_locked(clock_.now(), effects);
    }
    apply(effects);
  }
  return counts;
}

}  // namespace futured::core
