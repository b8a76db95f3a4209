// TaskSamples: a fair sample of the tasks that ended between two looks, and how many there were.
//
// Of each worker a number is kept that does not depend on how many it ran, each of its tasks with the same chance (a
// reservoir). So a worker with one task is seen beside one with a million. Whether a task is kept is decided before
// anything of it is copied. Memory is bounded by kKept and the number of workers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "server/core/clock.h"
#include "server/core/ids.h"
#include "server/core/state.h"

namespace futured::core {

// One attempt at a task.
struct TaskSample {
  FutureId id;
  std::string function;
  ExecutorIndex executor = 0;
  // The number of its worker among those of the executor that are busy at the same time, from 0. Nothing: a coroutine,
  // which holds no worker.
  std::optional<std::uint32_t> worker;
  Time started;
  // Nothing: it runs.
  std::optional<Time> ended;
  // Final once it has ended: of the attempt, which may be followed by another.
  State outcome = State::kRunning;
};

// Not thread-safe.
class TaskSamples {
 public:
  // Kept of all workers together, or one of each.
  static constexpr std::size_t kKept = 2000;

  // `workers`: that may be busy at once, on all executors.
  explicit TaskSamples(std::size_t workers);

  // Counts a task that has ended. What is told of it goes where the result points; null: it is not one of the sample.
  // Valid until the next call. Each task passes here: an optional by value would be put together on the stack from a
  // number and a flag, and read back as one word, which waits for both stores.
  TaskSample* add(ExecutorIndex executor, const std::optional<std::uint32_t>& worker);
  // How many were added.
  std::uint64_t seen() const { return seen_; }
  // Up to `most` of them: of each worker as many as of another, where it has so many. They are gone from here.
  std::vector<TaskSample> take(std::size_t most);

 private:
  struct Reservoir {
    std::uint64_t seen = 0;
    std::vector<TaskSample> kept;
  };

  // Below `end`, which is less than 2^32.
  std::uint64_t random_below(std::uint64_t end);
  void take_from(Reservoir& reservoir, std::size_t most, std::vector<TaskSample>& taken);

  std::size_t most_of_each_;
  std::uint64_t random_;
  std::uint64_t seen_ = 0;
  // By executor; of each first that of its coroutines, then those of its workers by number.
  std::vector<std::vector<Reservoir>> reservoirs_;
};

}  // namespace futured::core
