// TaskWatch: watches the tasks of a table go by, on behalf of one account: which ones ended, on which workers, and
// which run.
//
// While nobody watches, a task costs a look at whether somebody does, under a lock that is held anyway. While somebody
// does, each that ends costs a few nanoseconds, and those that are chosen for the sample a copy.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "server/core/account.h"
#include "server/core/clock.h"
#include "server/core/task_samples.h"

namespace futured::core {

class FutureTable;

// What somebody who watches has seen. Of futures that the account sees, and that have not ended without their attempt.
struct TasksSeen {
  // When, by the clock of the table.
  Time now;
  // How many ended since the last look, and a sample of them.
  std::uint64_t count = 0;
  std::vector<TaskSample> ended;
  // Those that have run for longest.
  std::vector<TaskSample> running;
};

// For one thread.
class TaskWatch {
 public:
  // From now on. The table is not owned, and outlives it. REQUIRES: all executors were added.
  TaskWatch(FutureTable& table, AccountIndex account);
  ~TaskWatch();
  TaskWatch(const TaskWatch&) = delete;
  TaskWatch& operator=(const TaskWatch&) = delete;

  // At most `most` of each kind.
  TasksSeen look(std::size_t most);

 private:
  friend class FutureTable;

  FutureTable& table_;
  const AccountIndex account_;
  const std::size_t workers_;
  // Under the table's lock.
  TaskSamples samples_;
};

}  // namespace futured::core
