// FutureTable: what happens when a time comes.
#include <algorithm>
#include <string>

#include "server/core/duration_text.h"
#include "server/core/future_table_state.h"

namespace futured::core {
namespace {

// A lease that lasts longer is called in: what has not begun goes back to the queue, what is done is reported, and what
// runs is known to be running.
constexpr Duration kLoan = std::chrono::milliseconds(1);
// Futures that fail or are forgotten under one lock.
constexpr std::size_t kExpiredAtOnce = 1024;

Outcome time_is_up(std::string message, std::uint32_t attempt) {
  return Outcome::failed({Origin::kTimeout, "TimeoutError", std::move(message), "", nullptr, attempt, ""});
}

}  // namespace

void FutureTable::need_tick_locked(Time when, Effects& effects) {
  if (when == Time::max() || (!ticks_.empty() && *ticks_.begin() <= when)) return;
  ticks_.insert(when);
  effects.ticks.push_back(when);
}

void FutureTable::tick() {
  Effects effects;
  {
    MutexLock lock(mu_);
    const Time now = clock_.now();
    ticks_.erase(ticks_.begin(), ticks_.upper_bound(now));
    bool waiting = leased_since_tick_;
    for (Lease* lease = open_leases_; lease != nullptr; lease = lease->next_) {
      if (!lease->called_in_ && now - lease->lent_at_ >= kLoan) {
        call_in_locked(*lease, now, effects);
      } else if (lease->begins_unseen_) {
        see_begun_locked(*lease, now, effects);
      }
      waiting = waiting || !lease->called_in_ || lease->begins_unseen_;
    }
    time_out_locked(now, effects);
    fail_expired_locked(now, effects);
    begin_due_locked(now, effects);
    expire_locked(now, effects);
    for (const auto& executor : executors_) plan_wake_locked(*executor, false, effects);
    leased_since_tick_ = false;
    lease_tick_needed_ = waiting;
    if (waiting) need_tick_locked(now + kLeaseTick, effects);
    need_ticks_locked(effects);
  }
  apply(effects);
}

void FutureTable::need_ticks_locked(Effects& effects) {
  need_tick_locked(retention_.next_expiry(), effects);
  if (!timeouts_.empty()) need_tick_locked(timeouts_.begin()->first, effects);
  if (!expiries_.empty()) need_tick_locked(expiries_.begin()->first, effects);
  if (!waiting_.empty()) need_tick_locked(waiting_.begin()->first, effects);
}

// Ends attempts whose time is up. What has not begun never will; functions that run are asked to stop, and hold their
// workers until they do.
void FutureTable::time_out_locked(Time now, Effects& effects) {
  while (!timeouts_.empty() && timeouts_.begin()->first <= now) {
    const std::uint32_t slot = timeouts_.begin()->second;
    if (!stop_attempt_locked(slot, effects)) continue;
    const Record& record = records_[slot];
    const Duration limit = time_limit_of(record, limits_);
    const std::string which = limit == record.options.timeout ? "its timeout" : "the maximum (max_timeout)";
    end_attempt_locked(slot, time_is_up("the task ran longer than " + which + " of " + text_of(limit), record.attempt),
                       now, effects);
  }
}

// Ends futures whose time is up, whatever becomes of them.
void FutureTable::fail_expired_locked(Time now, Effects& effects) {
  for (std::size_t left = kExpiredAtOnce; !expiries_.empty() && expiries_.begin()->first <= now; --left) {
    if (left == 0) return need_tick_locked(now, effects);
    const std::uint32_t slot = expiries_.begin()->second;
    const Record& record = records_[slot];
    if (record.lease != nullptr && !stop_attempt_locked(slot, effects)) continue;
    complete_locked(slot,
                    time_is_up("the future has expired: it had not ended " + text_of(record.options.policy->expires) +
                                   " after its submission",
                               record.attempt),
                    now, effects);
  }
}

// False: the attempt had ended, and that is reported.
bool FutureTable::stop_attempt_locked(std::uint32_t slot, Effects& effects) {
  Record& record = records_[slot];
  Lease& lease = *record.lease;
  const std::size_t i = record.lease_entry;
  if (lease.revoke(i)) {
    stopped_running_locked(lease[i]);
  } else if (lease[i].phase.load(std::memory_order_acquire) == LeaseEntry::Phase::kDone) {
    report_locked(lease, i, effects);
    return false;
  } else {
    mark_running_locked(lease, i, effects);
    effects.stop.push_back(
        {&executors_[record.executor]->executor, lease.shared_from_this(), i, {StopRequest::Reason::kTimeout, {}}});
  }
  return true;
}

// Forgets what is due; if that is much, the rest at another tick.
void FutureTable::expire_locked(Time now, Effects& effects) {
  for (std::size_t left = kExpiredAtOnce; left > 0; --left) {
    const std::uint32_t slot = retention_.due(now);
    if (slot == kNone) return;
    ++stats_.expired;
    forget_locked(slot);
  }
  need_tick_locked(now, effects);
}

}  // namespace futured::core
