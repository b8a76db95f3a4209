#include "server/core/accounts.h"

#include <algorithm>

namespace futured::core {
namespace {

std::string of_identity(const Account& account) { return " of identity \"" + account.name->name + "\""; }

std::string text_of(std::uint64_t number) { return std::to_string(number); }

}  // namespace

Accounts::Accounts(std::chrono::milliseconds retry_delay) : retry_delay_(retry_delay) {
  accounts_.push_back(std::make_unique<Account>());
}

AccountIndex Accounts::find_or_add(const AccountName& name) {
  if (name.name.empty()) return kDaemonAccount;
  const auto next = static_cast<AccountIndex>(accounts_.size());
  const auto [known, added] = by_name_.try_emplace({name.name, name.name_space}, next);
  if (!added) return known->second;
  auto account = std::make_unique<Account>();
  account->name = std::make_shared<const AccountName>(name);
  account->space = spaces_.try_emplace(name.name_space, static_cast<std::uint32_t>(spaces_.size())).first->second;
  accounts_.push_back(std::move(account));
  return next;
}

void Accounts::set_limits(AccountIndex index, const AccountLimits& limits) {
  Account& account = *accounts_[index];
  account.limits = limits;
  account.submits.set_rate(limits.max_submits_per_second);
}

Account::Pool& Accounts::pool(AccountIndex index, ExecutorIndex executor) {
  Account& account = *accounts_[index];
  const auto [pool, added] = account.pools.try_emplace(executor);
  if (added) {
    pool->second.cap.max_running = most_running(account.limits);
    pool->second.lane.executor = executor;
  }
  return pool->second;
}

std::vector<AccountSnapshot> Accounts::snapshots() const {
  std::vector<AccountSnapshot> snapshots;
  snapshots.reserve(accounts_.size());
  for (const auto& account : accounts_) {
    AccountSnapshot& snapshot = snapshots.emplace_back();
    if (account->name != nullptr) {
      snapshot.name = account->name->name;
      snapshot.name_space = account->name->name_space;
    }
    snapshot.limits = account->limits;
    snapshot.unfinished = account->unfinished;
    snapshot.unfinished_bytes = account->unfinished_bytes;
    snapshot.owed = account->owed;
    for (const auto& [executor, pool] : account->pools) snapshot.running += pool.cap.running;
    snapshot.waiters = account->waiters;
    snapshot.streams = account->streams;
    snapshot.submitted = account->submitted;
    snapshot.refused = account->refused;
  }
  return snapshots;
}

// --- Limits.

Result<void> Accounts::admit(AccountIndex index, std::uint64_t tasks, std::uint64_t bytes, Time now) {
  Account& account = *accounts_[index];
  auto allowed = check_held(account, tasks, bytes);
  if (allowed) allowed = check_rate(account, tasks, now);
  if (allowed) {
    account.submits.take(tasks, now);
  } else {
    ++account.refused;
  }
  return allowed;
}

Result<void> Accounts::check_held(const Account& account, std::uint64_t tasks, std::uint64_t bytes) const {
  const AccountLimits& limits = account.limits;
  const std::uint64_t held = account.unfinished + account.owed;
  if (limits.max_pending > 0 && held + tasks > limits.max_pending) {
    return failure(Reason::kTooManyPendingOfIdentity,
                   text_of(tasks) + " tasks are too many: " + text_of(held) + " futures" + of_identity(account) +
                       " are unfinished or not yet delivered, and its limit is " + text_of(limits.max_pending) +
                       " (max_pending)",
                   tasks > limits.max_pending ? std::chrono::milliseconds() : retry_delay_);
  }
  if (limits.max_pending_bytes > 0 && account.unfinished_bytes + bytes > limits.max_pending_bytes) {
    return failure(Reason::kTooManyPendingBytesOfIdentity,
                   text_of(bytes) + " bytes of arguments are too many: unfinished futures" + of_identity(account) +
                       " hold " + text_of(account.unfinished_bytes) + ", and its limit is " +
                       text_of(limits.max_pending_bytes) + " (max_pending_bytes)",
                   bytes > limits.max_pending_bytes ? std::chrono::milliseconds() : retry_delay_);
  }
  return {};
}

Result<void> Accounts::check_rate(const Account& account, std::uint64_t tasks, Time now) const {
  const Duration wait = account.submits.wait_for(tasks, now);
  if (wait == Duration::zero()) return {};
  return failure(Reason::kTooManySubmits,
                 text_of(tasks) + " tasks come too soon: the limit" + of_identity(account) + " is " +
                     text_of(account.limits.max_submits_per_second) + " a second (max_submits_per_second)",
                 std::max(retry_delay_, std::chrono::ceil<std::chrono::milliseconds>(wait)));
}

Result<void> Accounts::add_waiter(AccountIndex index) {
  Account& account = *accounts_[index];
  const std::uint64_t most = account.limits.max_waiters;
  if (most == 0 || account.waiters < most) return ++account.waiters, Result<void>();
  ++account.refused;
  return failure(Reason::kTooManyWaitersOfIdentity,
                 text_of(most) + " calls and sessions" + of_identity(account) +
                     " wait already, and that is its limit (max_waiters)",
                 retry_delay_);
}

Result<void> Accounts::add_stream(AccountIndex index) {
  Account& account = *accounts_[index];
  const std::uint64_t most = account.limits.max_streams;
  if (most == 0 || account.streams < most) return ++account.streams, Result<void>();
  ++account.refused;
  return failure(
      Reason::kTooManyStreamsOfIdentity,
      text_of(most) + " streams" + of_identity(account) + " are open already, and that is its limit (max_streams)",
      retry_delay_);
}

}  // namespace futured::core
