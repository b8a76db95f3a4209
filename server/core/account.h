// Accounts: on whose behalf futures are submitted, seen and counted.
//
// A namespace is what may see each other's futures. An account is one identity in its namespace: what it submits
// belongs to that namespace, and its limits are its own.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace futured::core {

// Names an account in the table, for as long as the daemon runs.
using AccountIndex = std::uint32_t;
// The daemon itself, and everybody where no identities are configured: sees everything, has no limits of its own.
inline constexpr AccountIndex kDaemonAccount = 0;

// What one account may hold at once. 0: no limit but the daemon's own.
struct AccountLimits {
  // Futures that have not finished, or whose outcome somebody has yet to read.
  std::uint64_t max_pending = 0;
  // Bytes of the arguments of those that have not finished.
  std::uint64_t max_pending_bytes = 0;
  // Of its futures at once, on each executor.
  std::uint64_t max_running = 0;
  // New futures. As many as come in one second may come at once.
  std::uint64_t max_submits_per_second = 0;
  // Subscribers: Result, Wait and AsCompleted calls, Submit calls that wait, and sessions.
  std::uint64_t max_waiters = 0;
  // Session, AsCompleted and Backup streams.
  std::uint64_t max_streams = 0;

  bool operator==(const AccountLimits&) const = default;
};

struct AccountSettings {
  std::string name;
  std::string name_space;
  AccountLimits limits = {};
};

// Whose a future is, as it is stored with it.
struct AccountName {
  std::string name;
  std::string name_space;

  bool operator==(const AccountName&) const = default;
};

struct AccountSnapshot {
  std::string name;
  std::string name_space;
  AccountLimits limits;
  // Futures that have not finished, the bytes of their arguments, and futures whose outcome is yet to be read.
  std::uint64_t unfinished = 0;
  std::uint64_t unfinished_bytes = 0;
  std::uint64_t owed = 0;
  // Lent to workers or running, on all executors.
  std::uint64_t running = 0;
  std::uint64_t waiters = 0;
  std::uint64_t streams = 0;
  // Counters since the start: futures, and calls that a limit of the account has refused.
  std::uint64_t submitted = 0;
  std::uint64_t refused = 0;
};

}  // namespace futured::core
