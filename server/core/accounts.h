// Accounts: what is known of each account: whose futures it sees, what it holds, and what it may.
//
// It counts what it is told, and refuses what a limit does not allow; the daemon's own limits are not its business. Not
// thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/core/account.h"
#include "server/core/clock.h"
#include "server/core/lane.h"
#include "server/core/status.h"
#include "server/core/token_bucket.h"

namespace futured::core {

struct Account {
  // The futures of one executor: what they may run together, and those of sessions without a limit.
  struct Pool {
    Cap cap;
    Lane lane{cap};
  };

  // Shared by the records of its futures in the store. Null: the daemon's own, of which nothing is stored.
  std::shared_ptr<const AccountName> name;
  // Equal for accounts that see each other's futures.
  std::uint32_t space = 0;
  AccountLimits limits = {};
  TokenBucket submits = {};
  // As in AccountSnapshot.
  std::uint64_t unfinished = 0;
  std::uint64_t unfinished_bytes = 0;
  std::uint64_t owed = 0;
  std::uint64_t waiters = 0;
  std::uint64_t streams = 0;
  std::uint64_t submitted = 0;
  std::uint64_t refused = 0;
  // Addresses stay valid.
  std::map<ExecutorIndex, Pool> pools = {};
};

// As a cap has it.
inline std::uint64_t most_running(const AccountLimits& limits) {
  return limits.max_running == 0 ? UINT64_MAX : limits.max_running;
}

class Accounts {
 public:
  // `retry_delay`: what one who is refused is told to wait at least.
  explicit Accounts(std::chrono::milliseconds retry_delay);

  // The account of that name in that namespace; one that is not known is added, without limits. An empty name is the
  // daemon.
  AccountIndex find_or_add(const AccountName& name);
  // Its limit on running futures stands in its caps, and is for the caller to change.
  void set_limits(AccountIndex account, const AccountLimits& limits);
  // Where futures of an account wait for an executor.
  Account::Pool& pool(AccountIndex account, ExecutorIndex executor);

  // Whether a caller sees the futures of an account.
  bool sees(AccountIndex caller, AccountIndex owner) const {
    return caller == kDaemonAccount || same_space(caller, owner);
  }
  bool same_space(AccountIndex a, AccountIndex b) const { return accounts_[a]->space == accounts_[b]->space; }
  Account& operator[](AccountIndex account) { return *accounts_[account]; }
  const Account& operator[](AccountIndex account) const { return *accounts_[account]; }
  std::vector<AccountSnapshot> snapshots() const;

  // Takes new futures from the account's allowance. All of them, or kResourceExhausted with a retry delay, unless they
  // exceed a limit by themselves.
  Result<void> admit(AccountIndex account, std::uint64_t tasks, std::uint64_t bytes, Time now);
  // Counts one subscriber, or one stream; kResourceExhausted when there are too many. Take back with --waiters,
  // --streams.
  Result<void> add_waiter(AccountIndex account);
  Result<void> add_stream(AccountIndex account);

 private:
  Result<void> check_held(const Account& account, std::uint64_t tasks, std::uint64_t bytes) const;
  Result<void> check_rate(const Account& account, std::uint64_t tasks, Time now) const;

  const std::chrono::milliseconds retry_delay_;
  // By index. Addresses stay valid.
  std::vector<std::unique_ptr<Account>> accounts_;
  // By name and namespace.
  std::map<std::pair<std::string, std::string>, AccountIndex> by_name_;
  // Numbers of the namespaces. The empty one is the daemon's.
  std::map<std::string, std::uint32_t> spaces_{{std::string(), 0}};
};

}  // namespace futured::core
