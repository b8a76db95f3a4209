// Workers killed at random while there is work for all of them.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <deque>
#include <filesystem>
#include <iostream>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/exec/execution_log.h"
#include "tests/exec/fault_functions.h"
#include "tests/exec/process_under_test.h"
#include "tests/support/eventually.h"
#include "tests/support/processes.h"
#include "tests/support/scale.h"
#include "tests/support/seed.h"

namespace futured::testing {
namespace {

using Clock = std::chrono::steady_clock;

std::ptrdiff_t entries_of(const char* directory) {
  return std::distance(std::filesystem::directory_iterator(directory), std::filesystem::directory_iterator());
}

// What this process has.
struct Belongings {
  std::ptrdiff_t descriptors = entries_of("/proc/self/fd");
  std::ptrdiff_t threads = entries_of("/proc/self/task");
  std::size_t children = exec::children_of(::getpid()).size();
  bool operator==(const Belongings&) const = default;
};
// Before anything is started. A sanitizer's own thread comes with the first other one, and stays.
Belongings belongings_at_first() {
  pid_t first = 0;
  std::thread([&first] { first = ::gettid(); }).join();
  EXPECT_TRUE(eventually([first] { return !std::filesystem::exists("/proc/self/task/" + std::to_string(first)); }));
  return {};
}
void PrintTo(const Belongings& all, std::ostream* out) {
  *out << all.descriptors << " descriptors, " << all.threads << " threads, " << all.children << " children";
}

// An executor under load: some hundred short tasks, of which the oldest is waited for.
class Chaos {
 public:
  explicit Chaos(std::uint64_t seed) : random_(seed) {}

  void run(std::size_t count, Clock::time_point until) {
    while (submitted_ < count || Clock::now() < until) {
      while (waiting_.size() < kLoad) submit();
      if (random_() % kTasksPerKill == 0) kill_one();
      finish();
    }
    while (!waiting_.empty()) finish();
  }
  void check() const {
    const ExecutionLog log(rendezvous_.path());
    for (std::size_t i = 0; i < submitted_; ++i) {
      const int begun = log.times_begun(std::to_string(i));
      EXPECT_TRUE(begun == 1 || (begun == 0 && lost_.contains(i)))
          << "task " << i << " was begun " << begun << " times";
    }
    // A worker is inside one task at a time.
    EXPECT_LE(lost_.size(), kills_);
    EXPECT_GT(lost_.size(), 0U);
    std::cout << submitted_ << " tasks, " << kills_ << " kills, " << lost_.size() << " lost" << std::endl;
  }

 private:
  static constexpr std::size_t kLoad = 200;
  static constexpr unsigned kTasksPerKill = 50;
  static constexpr std::int64_t kLongestMicroseconds = 500;

  void submit() {
    const std::string name = std::to_string(submitted_);
    const auto time = static_cast<std::int64_t>(random_() % kLongestMicroseconds);
    waiting_.emplace_back(submitted_++, bench_.submit(kWork, rendezvous_.path(), name, random_() % 2 == 0 ? 0 : time));
  }
  void finish() {
    const auto [number, id] = waiting_.front();
    waiting_.pop_front();
    const core::Outcome outcome = bench_.outcome(id);
    if (outcome.state == core::State::kSucceeded) return;
    ASSERT_EQ(outcome.state, core::State::kFailed);
    EXPECT_EQ(outcome.error->type, "WorkerLost") << outcome.error->message;
    lost_.insert(number);
  }
  // Not those that start: that they die again and again is the executor's to tell.
  void kill_one() {
    auto workers = process_executor_of(bench_).workers();
    std::erase_if(workers, [](const core::WorkerSnapshot& worker) {
      return worker.state != core::WorkerSnapshot::State::kBusy && worker.state != core::WorkerSnapshot::State::kIdle;
    });
    if (workers.empty()) return;
    if (random_() % 20 == 0) {
      kills_ += workers.size();
      process_executor_of(bench_).end_workers(random_() % 2 == 0);
      return;
    }
    const auto pid = static_cast<pid_t>(workers[random_() % workers.size()].pid);
    static constexpr int kSignals[] = {SIGKILL, SIGKILL, SIGTERM, SIGSEGV, SIGABRT};
    ++kills_;
    for (const pid_t guard : exec::children_of(::getpid())) {
      const std::vector<pid_t> guarded = exec::children_of(guard);
      if (std::ranges::find(guarded, pid) == guarded.end()) continue;
      ::kill(random_() % 4 == 0 ? guard : pid, kSignals[random_() % std::size(kSignals)]);
    }
  }

  std::mt19937_64 random_;
  Rendezvous rendezvous_;
  ExecutorBench bench_{process_kind(), {.max_workers = 4}};
  std::deque<std::pair<std::size_t, core::FutureId>> waiting_;
  std::size_t submitted_ = 0;
  std::set<std::size_t> lost_;
  std::size_t kills_ = 0;
};

TEST(ProcessChaosTest, KilledWorkersLoseOnlyWhatTheyHadBegun) {
  constexpr std::size_t kTasks = 5000;
  const std::uint64_t seed = announced_seed();
  const Belongings before = belongings_at_first();
  {
    Chaos chaos(seed);
    chaos.run(kTasks, Clock::now() + chaos_time());
    chaos.check();
  }
  EXPECT_TRUE(eventually([&] { return Belongings() == before; })) << ::testing::PrintToString(Belongings());
}

TEST(ProcessChaosTest, RecyclingAfterEachTaskNeverStalls) {
  const std::size_t count = tries(1000, 10'000);
  const Belongings before = belongings_at_first();
  {
    ExecutorBench bench(process_kind([](exec::ProcessExecutor::Options& options) { options.max_tasks_per_child = 1; }),
                        {.max_workers = 2});
    const auto start = Clock::now();
    std::vector<core::FutureId> ids;
    for (std::size_t i = 0; i < count; ++i) ids.push_back(bench.submit(kNothing));
    for (const core::FutureId id : ids) ASSERT_EQ(bench.outcome(id).state, core::State::kSucceeded);
    std::cout << count << " recycles in "
              << std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start).count() << " ms"
              << std::endl;
  }
  EXPECT_TRUE(eventually([&] { return Belongings() == before; })) << ::testing::PrintToString(Belongings());
}

}  // namespace
}  // namespace futured::testing
