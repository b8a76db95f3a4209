// FutureTable: accounts, and whose a future is.
#include "server/core/future_table_state.h"

namespace futured::core {

AccountIndex FutureTable::add_account(const AccountSettings& settings) {
  Effects effects;
  AccountIndex index;
  {
    MutexLock lock(mu_);
    index = accounts_.find_or_add({settings.name, settings.name_space});
    accounts_.set_limits(index, settings.limits);
    for (auto& [executor, pool] : accounts_[index].pools) {
      executors_[executor]->queue.set_limit(pool.cap, most_running(settings.limits));
      plan_wake_locked(*executors_[executor], false, effects);
    }
  }
  apply(effects);
  return index;
}

std::vector<AccountSnapshot> FutureTable::accounts() const {
  MutexLock lock(mu_);
  return accounts_.snapshots();
}

Result<void> FutureTable::open_stream(AccountIndex account) {
  MutexLock lock(mu_);
  auto opened = accounts_.add_stream(account);
  if (!opened) ++stats_.refused;
  return opened;
}

void FutureTable::close_stream(AccountIndex account) {
  MutexLock lock(mu_);
  --accounts_[account].streams;
}

std::uint32_t FutureTable::find_locked(AccountIndex caller, FutureId id) {
  const std::uint32_t slot = index_.find(id);
  return slot == kNone || accounts_.sees(caller, records_[slot].account) ? slot : kNone;
}

void FutureTable::uncount_unfinished_locked(const Record& record) {
  --stats_.unfinished;
  stats_.unfinished_bytes -= record.arguments_size;
  Account& account = accounts_[record.account];
  --account.unfinished;
  account.unfinished_bytes -= record.arguments_size;
}

}  // namespace futured::core
