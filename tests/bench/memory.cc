#include <chrono>
#include <string>
#include <vector>

#include "futured/futured.h"
#include "tests/bench/process_stats.h"
#include "tests/bench/scenarios.h"
#include "tests/bench/tasks.h"

namespace futured::bench {
namespace {

constexpr int kFutures = 1'000'000;
constexpr int kWarmUp = 10'000;

std::vector<Future<void>> submit(const Executor& executor, const Submitter& submitter, int count) {
  std::vector<Future<void>> futures;
  futures.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) futures.push_back(submitter.submit(noop));
  // Its answer follows those to all submits before it.
  executor.submit(noop).cancel();
  return futures;
}

}  // namespace

// A noop's arguments are of no bytes, and its value of 2. The daemon is one of its own, since memory that was used once
// is used again.
void run_memory_1m(Bench& bench) {
  Daemon daemon(std::vector<std::string>{"--max-pending=2000000", "--max-retained=2000000"});
  const pid_t pid = daemon.pid().value();
  const Executor executor(daemon.address());
  // Kept after their end.
  const Submitter submitter = executor.with({.retention = std::chrono::minutes(10)});
  wait(submit(executor, executor, kWarmUp));

  const auto at_rest = static_cast<double>(resident_bytes(pid));
  daemon.pause();
  const auto futures = submit(executor, submitter, kFutures);
  const auto with_pending = static_cast<double>(resident_bytes(pid));
  daemon.resume();
  wait(futures);
  for (const auto& future : futures) future.result();
  const auto with_finished = static_cast<double>(resident_bytes(pid));

  bench.report.add("bytes_per_pending", (with_pending - at_rest) / kFutures, "B");
  bench.report.add("bytes_per_finished", (with_finished - at_rest) / kFutures, "B");
  bench.report.add("mib_at_rest", at_rest / (1 << 20), "MiB");
  bench.report.add("mib_with_1m_pending", with_pending / (1 << 20), "MiB");
}

}  // namespace futured::bench
