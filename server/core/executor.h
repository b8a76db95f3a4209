// Executor: where tasks run. The table decides which task is next; an executor brings workers that take them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "server/core/lease.h"

namespace futured::core {

// Names an executor in the table: its place in the configuration.
using ExecutorIndex = std::uint16_t;

// A function that an executor runs.
struct FunctionDescription {
  std::string name;
  std::string signature;
  bool is_coroutine = false;
};

// What is constant about an executor.
struct ExecutorDescription {
  std::string name;
  // "thread".
  std::string kind;
  // Plain functions run at once.
  unsigned max_workers = 1;
  // Coroutines run at once.
  unsigned max_coroutines = 1;
  std::vector<FunctionDescription> functions;
};

// The table keeps count of the workers: at first all `max_workers` are idle. Each worker that wake() asks for runs the
// loop
//
//   for (auto lease = table.take(index); lease != nullptr; lease = table.exchange(lease)) run(*lease);
//
// and is idle again when that returned nullptr. All methods may be called from any thread, with no lock of the table
// held, and none may block on a task.
class Executor {
 public:
  virtual ~Executor() = default;
  virtual const ExecutorDescription& describe() const = 0;
  // Brings `workers` idle workers to the table.
  virtual void wake(unsigned workers) = 0;
  // Asks the function of an entry to stop, on a thread where its stop callbacks may run.
  virtual void request_stop(std::shared_ptr<Lease> lease, std::size_t entry) = 0;
};

}  // namespace futured::core
