// No-op tasks in a stream, and one at a time.
#pragma once

#include <cstddef>
#include <vector>

#include "futured/futured.h"
#include "tests/bench/samples.h"
#include "tests/bench/tasks.h"

namespace futured::bench {

// Returns when all have finished.
inline std::vector<Future<void>> submit_and_wait(const Executor& executor, int tasks) {
  std::vector<Future<void>> futures;
  futures.reserve(static_cast<std::size_t>(tasks));
  for (int i = 0; i < tasks; ++i) futures.push_back(executor.submit(noop));
  futured::wait(futures);
  return futures;
}

// Throws what one of them failed with.
inline void check_all(const std::vector<Future<void>>& futures) {
  for (const auto& future : futures) future.result();
}

// Microseconds of each call of `f`.
template <class F>
Samples timed_calls(int calls, F f) {
  Samples samples;
  for (int i = 0; i < calls; ++i) {
    const auto start = Clock::now();
    f();
    samples.add(since(start).count() * 1e6);
  }
  return samples;
}

}  // namespace futured::bench
