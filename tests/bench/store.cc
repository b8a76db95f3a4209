#include <cstdint>
#include <filesystem>
#include <string>

#include "tests/bench/scenarios.h"
#include "tests/bench/store_rounds.h"
#include "tests/support/temporary_directory.h"

namespace futured::bench {
namespace {

constexpr std::uint64_t kTasks = 1'000'000;
// A store that is asked for all it can has about so many tasks in a commit.
constexpr std::uint64_t kTasksPerCommit = 4096;

}  // namespace

// In the folder that the environment's TMPDIR names: the disk that is measured.
void run_store(Bench& bench) {
  Compared figures;
  for (Rounds rounds(bench.time); rounds.next();) {
    const testing::TemporaryDirectory folder;
    const std::filesystem::path path = folder.path();
    const double own = kTasks / store_round(path / "own", kTasks).count();
    figures.add(own, kTasks / bare_store_round(path / "bare", kTasks, kTasksPerCommit).count());
  }
  const testing::TemporaryDirectory folder;
  const std::filesystem::path path = folder.path();
  bench.report.add("sync_us", sync_time(path).count() * 1e6, "us");
  bench.report.add("tasks_per_s", figures.own.median(), "/s");
  bench.report.add("bare_tasks_per_s", figures.bare.median(), "/s");
  bench.report.add("ratio_to_bare_sqlite", figures.ratio.median(), "x");
  bench.report.add("load_100k_ms", store_load_round(path / "100k", 100'000).count() * 1e3, "ms");
  bench.report.add("load_1m_ms", store_load_round(path / "1m", 1'000'000).count() * 1e3, "ms");
}

}  // namespace futured::bench
