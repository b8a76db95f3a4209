// Executor: where tasks run. The table decides which task is next; an executor brings workers that take them.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "server/core/lease.h"

namespace futured::core {

// A function that an executor runs.
struct FunctionDescription {
  std::string name;
  std::string signature;
  bool is_coroutine = false;
  // Each call has a lease of its own.
  bool is_alone = false;
};

// What is constant about an executor.
struct ExecutorDescription {
  std::string name;
  // "thread" or "process"; "absent" of one that only stands in for an executor that futures remember and that is not
  // configured. It drains for ever.
  std::string kind;
  // Plain functions run at once.
  unsigned max_workers = 1;
  // Coroutines run at once.
  unsigned max_coroutines = 1;
  std::vector<FunctionDescription> functions = {};
  // A lease holds as many tasks as are expected to take this long together: enough to make handing them over cheap,
  // short enough that nobody notices the batch.
  Duration lease_budget = std::chrono::microseconds(100);
  bool is_absent() const { return kind == "absent"; }
  // It can end a function that does not honour a request to stop.
  bool can_kill = false;
  // What confines its workers, for people; empty for none.
  std::string sandbox = {};
};

// Why a function is to stop, and how long it may take.
struct StopRequest {
  // kForce: it is killed after the grace, and then cancelled. kTimeout: its future has failed; an executor that can
  // kill frees its worker after a grace of its own.
  enum class Reason { kCancel, kTimeout, kForce };
  Reason reason = Reason::kCancel;
  Duration grace{0};
};

// A process or thread that runs tasks.
struct WorkerSnapshot {
  std::string name;
  // 0 for a thread.
  std::int64_t pid = 0;
  enum class State { kStarting, kIdle, kBusy, kEnding };
  State state = State::kIdle;
  // Tasks that it has been given since it started.
  std::uint64_t tasks = 0;
  Time started;
};

// Worker processes since the start.
struct WorkerCounts {
  std::uint64_t started = 0;
  // Died without having been told to, or could not be started.
  std::uint64_t lost = 0;
};

// The table keeps count of the workers: at first all `max_workers` are idle. Each worker that wake() asks for runs the
// loop
//
//   for (auto lease = table.take(index); lease != nullptr; lease = table.exchange(lease)) run(*lease);
//
// and is idle again when that returned nullptr. All methods may be called from any thread, with no lock of the table
// held, and none may block on a task. A worker that cannot go on gives its lease back (give_back) and is idle.
class Executor {
 public:
  virtual ~Executor() = default;
  virtual const ExecutorDescription& describe() const = 0;
  // Brings `workers` idle workers to the table.
  virtual void wake(unsigned workers) = 0;
  // Asks the function of an entry to stop, on a thread where its stop callbacks may run.
  virtual void request_stop(std::shared_ptr<Lease> lease, std::size_t entry, StopRequest request) = 0;
  // The worker processes there are. Empty for an executor that runs in the daemon.
  virtual std::vector<WorkerSnapshot> workers() const { return {}; }
  // All zero for an executor that runs in the daemon.
  virtual WorkerCounts worker_counts() const { return {}; }
  // Ends all worker processes, by SIGTERM or by SIGKILL; what they had begun fails, and others take their place. False:
  // it has none, and never will.
  virtual bool end_workers(bool /*kill*/) { return false; }
};

}  // namespace futured::core
