// FutureTable: how its work ends, and how it goes on.
#include <algorithm>

#include "server/core/future_table_state.h"

namespace futured::core {

void FutureTable::drain_all(Draining how) {
  Effects effects;
  {
    MutexLock lock(mu_);
    draining_ = std::max(draining_, how);
    for (const auto& executor : executors_) call_off_all_starts_locked(*executor);
  }
  apply(effects);
}

bool FutureTable::resume_all() {
  Effects effects;
  {
    MutexLock lock(mu_);
    if (draining_ == Draining::kForGood) return false;
    draining_ = Draining::kNo;
    for (const auto& executor : executors_) plan_wake_locked(*executor, false, effects);
  }
  apply(effects);
  return true;
}

void FutureTable::expect_lost_workers() {
  MutexLock lock(mu_);
  expects_lost_workers_ = true;
}

bool FutureTable::wait_until_idle(Time deadline) {
  MutexLock lock(mu_);
  while (stats_.running > 0 && clock_.now() < deadline) idle_.wait_until(mu_, deadline);
  return stats_.running == 0;
}

bool FutureTable::wait_until_told(Time deadline) {
  MutexLock lock(mu_);
  const auto told = [this]() FUTURED_REQUIRES(mu_) { return retention_.owed() == 0 && unpublished_ == 0; };
  while (!told() && clock_.now() < deadline) idle_.wait_until(mu_, deadline);
  return told();
}

}  // namespace futured::core
