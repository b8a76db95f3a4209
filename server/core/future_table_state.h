// The inner types of FutureTable, shared by the files that implement it.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "server/core/checksum.h"
#include "server/core/future_table.h"

namespace futured::core {

// How often leases that have not been called in are looked at.
inline constexpr Duration kLeaseTick = std::chrono::milliseconds(2);

// By which repeated submits are compared once the arguments are gone.
inline std::uint64_t hash_of(const Bytes& bytes) {
  return static_cast<std::uint64_t>(Checksum().add(bytes.view()).value());
}

// How long an attempt may run; negative: for ever. Does not change.
inline Duration time_limit_of(const Record& record, const Limits& limits) {
  const Duration own = record.options.timeout;
  if (!limits.max_timeout) return own;
  return own.count() < 0 ? *limits.max_timeout : std::min(own, *limits.max_timeout);
}

// How an attempt ends that the daemon does not outlive.
inline Outcome ended_with_daemon(const Record& record) {
  if (record.stop_requested) return Outcome::cancelled();
  return Outcome::failed({Origin::kDaemon, "DaemonRestarted",
                          "the daemon ended while the task ran; whether it has done its work is unknown", "", nullptr,
                          record.attempt, ""});
}

// Says nothing of who else's it is.
inline Status foreign_session(SessionId id) {
  return {Reason::kSessionForeign,
          "session " + to_string(id) + " is not this caller's; IDs are chosen from one's own",
          {},
          {},
          {"session", to_string(id)}};
}

// What is known of an executor's workers and queue.
struct FutureTable::ExecutorEntry {
  ExecutorEntry(Executor& the_executor, Records& records)
      : executor(the_executor), idle(the_executor.describe().max_workers), queue(records) {}

  Executor& executor;
  ExecutorIndex index = 0;
  ExecutorState state = ExecutorState::kActive;
  // Workers that neither hold a lease nor were woken to take one.
  unsigned idle;
  // Workers woken that have not come yet.
  unsigned coming = 0;
  // So many of those that survived may have killed the daemon before.
  std::uint64_t suspects = 0;
  // Leases that have not been called in: their workers will soon come for more.
  unsigned fresh_leases = 0;
  unsigned coroutines = 0;
  // Numbers of workers that hold no lease, and how many were given out: the one that was given back last is next, so a
  // worker that goes on keeps its own.
  std::vector<std::uint32_t> free_workers;
  std::uint32_t workers = 0;
  // Tasks that may begin, as the records of their starts are stored; in batches, each for one worker.
  std::deque<std::vector<Handle>> started;
  // Pending futures whose time has not come.
  std::uint64_t waiting = 0;
  std::uint64_t running = 0;
  std::uint64_t succeeded = 0;
  std::uint64_t failed = 0;
  std::uint64_t cancelled = 0;
  // Attempts followed by another; futures that failed, by Origin.
  std::uint64_t retried = 0;
  std::array<std::uint64_t, kOrigins> failures{};
  ReadyQueue queue;

  ExecutorSnapshot snapshot() const;
  std::uint32_t take_worker();
  // Since when the oldest of those that only lack a worker might have begun.
  std::optional<Time> oldest_ready(const Records& records) const;
};

struct FutureTable::Session {
  // Who used it first.
  AccountIndex account = kDaemonAccount;
  // Futures of several namespaces may be in it, as the daemon drew their IDs: nobody may open it, or choose new ones.
  bool is_shared = false;
  std::uint64_t max_running = 0;
  // How often it was opened and not closed.
  unsigned opened = 0;
  // Its place among the closed ones; valid while it is one.
  std::list<SessionId>::iterator age;
  // The largest counter seen.
  std::uint64_t highest = 0;
  // Of its account's futures, only with a limit; addresses stay valid.
  std::map<ExecutorIndex, Lane> lanes;

  bool busy() const {
    for (const auto& [executor, lane] : lanes) {
      if (lane.busy()) return true;
    }
    return false;
  }
};

// What is to be done once the mutex is released.
struct FutureTable::Effects {
  struct Stop {
    Executor* executor;
    std::shared_ptr<Lease> lease;
    std::size_t entry;
    StopRequest request;
  };
  std::vector<Executor*> wake;
  std::vector<Stop> stop;
  std::vector<Time> ticks;
  // Called once all that happened is as safe as the store makes it.
  std::function<void()> when_durable;
  // They have events that may be told.
  std::vector<std::shared_ptr<Subscriber>> notify;
  // Parts of the lives of futures whose traces are recorded.
  std::vector<Span> spans;
};

}  // namespace futured::core
