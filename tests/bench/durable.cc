#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/bench/scenarios.h"
#include "tests/bench/store_rounds.h"
#include "tests/bench/stream_tasks.h"
#include "tests/support/temporary_directory.h"

namespace futured::bench {
namespace {

constexpr int kTasks = 500'000;
constexpr int kWarmUp = 50'000;
constexpr int kCalls = 1000;
// What a stream of tasks comes to.
constexpr std::uint64_t kTasksPerCommit = 4096;

Daemon durable_daemon(const std::filesystem::path& folder) {
  return Daemon(std::vector<std::string>{"--data-dir=" + (folder / "data").string()});
}

}  // namespace

// In the folder that the environment's TMPDIR names: the disk that is measured.
void run_durable_stream(Bench& bench) {
  const testing::TemporaryDirectory temporary;
  const std::filesystem::path folder = temporary.path();
  const Daemon daemon = durable_daemon(folder);
  const Executor executor(daemon.address());
  submit_and_wait(executor, kWarmUp);
  Compared figures;
  for (Rounds rounds(bench.time); rounds.next();) {
    const auto start = Clock::now();
    const auto futures = submit_and_wait(executor, kTasks);
    const double own = kTasks / since(start).count();
    check_all(futures);
    const testing::TemporaryDirectory bare;
    figures.add(own, kTasks / bare_store_round(bare.path(), kTasks, kTasksPerCommit).count());
  }
  bench.report.add("tasks_per_s", figures.own.median(), "1/s");
  bench.report.add("bare_sqlite_tasks_per_s", figures.bare.median(), "1/s");
  bench.report.add("ratio_to_bare_sqlite", figures.ratio.median(), "x");
}

void run_durable_blocking(Bench& bench) {
  const testing::TemporaryDirectory temporary;
  const std::filesystem::path folder = temporary.path();
  const Daemon durable = durable_daemon(folder);
  const Daemon memory;
  const Executor durable_executor(durable.address());
  const Executor memory_executor(memory.address());
  const auto round_of = [](const Executor& executor) {
    return timed_calls(kCalls, [&] { executor.submit(noop).result(); });
  };
  round_of(durable_executor);
  round_of(memory_executor);
  Samples p50;
  Samples p99;
  Samples memory_p50;
  Samples sync;
  Samples ratio;
  for (Rounds rounds(bench.time); rounds.next();) {
    const Samples own = round_of(durable_executor);
    const double in_memory = round_of(memory_executor).percentile(50);
    const double one_sync = sync_time(folder).count() * 1e6;
    p50.add(own.percentile(50));
    p99.add(own.percentile(99));
    memory_p50.add(in_memory);
    sync.add(one_sync);
    ratio.add(own.percentile(50) / (in_memory + one_sync));
  }
  bench.report.add("p50_us", p50.median(), "us");
  bench.report.add("p99_us", p99.median(), "us");
  bench.report.add("in_memory_p50_us", memory_p50.median(), "us");
  bench.report.add("sync_us", sync.median(), "us");
  bench.report.add("p50_ratio_to_in_memory_and_sync", ratio.median(), "x");
}

}  // namespace futured::bench
