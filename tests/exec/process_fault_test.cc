// Functions that take more than their share: of time, of memory, of processes, of output.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/exec/fault_functions.h"
#include "tests/exec/process_under_test.h"
#include "tests/support/processes.h"
#include "tests/support/sanitizers.h"
#include "tests/support/scale.h"

namespace futured::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using namespace std::chrono_literals;

constexpr std::uint64_t kMemory = std::uint64_t{512} << 20;

ExecutorKind limited(const exec::ResourceLimits& limits) {
  return process_kind(
      [limits](exec::ProcessExecutor::Options& options) { options.worker.launch.sandbox.limits = limits; });
}

// Threads of everybody.
std::uint64_t threads_of_machine() {
  std::uint64_t threads = 0;
  std::error_code gone;
  for (const auto& process : std::filesystem::directory_iterator("/proc")) {
    for (std::filesystem::directory_iterator thread(process.path() / "task", gone), end; !gone && thread != end;
         thread.increment(gone)) {
      ++threads;
    }
  }
  return threads;
}

// Of this process, KiB.
std::uint64_t peak_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    std::uint64_t size = 0;
    if (word == "VmHWM:" && status >> size) return size;
  }
  return 0;
}

void expect_all_gone(const std::vector<pid_t>& family) {
  EXPECT_FALSE(family.empty());
  for (const pid_t pid : family) EXPECT_TRUE(exec::has_ended(pid)) << pid << " " << name_of(pid);
}

TEST(ProcessFaultsTest, EndlessLoopIsKilledAtItsTimeout) {
  ExecutorBench bench(process_kind([](exec::ProcessExecutor::Options& options) { options.worker.kill_grace = 1ms; }),
                      {.max_workers = 1});
  bench.timeout = 1ms;
  EXPECT_EQ(bench.error(bench.submit(kLoop)).origin, core::Origin::kTimeout);
  bench.timeout = core::Duration(-1);
  EXPECT_EQ(bench.value<std::string>(bench.submit(kEcho, "next")), "next");
}

TEST(ProcessFaultsTest, DeathOfMemoryHogTellsOfItsMemory) {
  if (kSanitizerTakesMemory) GTEST_SKIP() << "its shadow does not fit into a limit on memory";
  ExecutorBench bench(limited({.max_memory = kMemory}), {.max_workers = 2});
  const core::FutureId other = bench.submit(kEcho, "other");
  const core::Error error = bench.error(bench.submit(kExhaust, "abort"));
  EXPECT_EQ(error.type, "WorkerLost");
  EXPECT_THAT(error.message, MatchesRegex(".* was killed by signal 6 \\(SIGABRT\\); it used up to [2-5][0-9][0-9] MiB "
                                          "of memory, its limit is 512 MiB while it ran the task"));
  EXPECT_EQ(bench.value<std::string>(other), "other");
  EXPECT_EQ(bench.value<std::string>(bench.submit(kEcho, "next")), "next");
}

TEST(ProcessFaultsTest, WantOfMemoryThatIsThrownHarmsItsTaskAlone) {
  if (kSanitizerTakesMemory) GTEST_SKIP() << "its shadow does not fit into a limit on memory";
  ExecutorBench bench(limited({.max_memory = kMemory}), {.max_workers = 1});
  const core::Error error = bench.error(bench.submit(kExhaust, "throw"));
  EXPECT_THAT(error.type, ::testing::AnyOf("std::bad_alloc", "WorkerLost"));
  EXPECT_EQ(bench.value<std::string>(bench.submit(kEcho, "next")), "next");
}

TEST(ProcessFaultsTest, ForkBombEndsWithItsTask) {
  constexpr std::ptrdiff_t kBombs = 32;
  ExecutorBench bench(limited({.max_processes = threads_of_machine() + 2 * kBombs}), {.max_workers = 2});
  const core::FutureId id = bench.submit(kForkBomb, "fork-bomb");
  const std::vector<pid_t> family = family_of(::getpid(), "fork-bomb", kBombs);
  EXPECT_EQ(bench.value<std::string>(bench.submit(kEcho, "other")), "other");
  bench.table.cancel(core::kDaemonAccount, {&id, 1}, core::CancelMode::kForce, 0ms);
  EXPECT_EQ(bench.outcome(id).state, core::State::kCancelled);
  std::size_t bombs = 0;
  for (const pid_t pid : exec::descendants_of(::getpid())) bombs += name_of(pid) == "fork-bomb" ? 1U : 0U;
  EXPECT_EQ(bombs, 0U);
  EXPECT_FALSE(family.empty());
}

TEST(ProcessFaultsTest, DaemonOfAFunctionEndsWithTheForcedTask) {
  ExecutorBench bench(process_kind(), {.max_workers = 1});
  const core::FutureId id = bench.submit(kDaemonize, "fault-daemon");
  const std::vector<pid_t> family = family_of(::getpid(), "fault-daemon", 2);
  bench.table.cancel(core::kDaemonAccount, {&id, 1}, core::CancelMode::kForce, 0ms);
  EXPECT_EQ(bench.outcome(id).state, core::State::kCancelled);
  expect_all_gone(family);
}

TEST(ProcessFaultsTest, DaemonOfAFunctionEndsWithTheWorkerThatDies) {
  ExecutorBench bench(process_kind(), {.max_workers = 1});
  const core::FutureId id = bench.submit(kDaemonize, "fault-daemon");
  const std::vector<pid_t> family = family_of(::getpid(), "fault-daemon", 2);
  ASSERT_FALSE(family.empty());
  ::kill(static_cast<pid_t>(process_executor_of(bench).workers()[0].pid), SIGKILL);
  EXPECT_EQ(bench.error(id).type, "WorkerLost");
  expect_all_gone(family);
}

TEST(ProcessFaultsTest, FloodOfOutputTakesNoMemory) {
  constexpr std::uint64_t kMostKib = std::uint64_t{32} << 10;
  ExecutorBench bench(process_kind(), {.max_workers = 1});
  EXPECT_EQ(bench.outcome(bench.submit(kNothing)).state, core::State::kSucceeded);
  const std::uint64_t before = peak_memory();
  EXPECT_EQ(bench.outcome(bench.submit(kSpam, tries(256, 10'240))).state, core::State::kSucceeded);
  EXPECT_LT(peak_memory(), before + kMostKib);
}

TEST(ProcessFaultsTest, ValueThatCannotBeEncodedFailsItsTaskAlone) {
  ExecutorBench bench(process_kind(), {.max_workers = 1});
  const core::Error error = bench.error(bench.submit(kUnencodable));
  EXPECT_EQ(error.origin, core::Origin::kTask);
  EXPECT_EQ(error.type, "futured::ResultError");
  EXPECT_THAT(error.message, HasSubstr("fault.unencodable: string result: "));
  EXPECT_THAT(error.message, HasSubstr("UTF-8"));
  EXPECT_EQ(bench.value<std::string>(bench.submit(kEcho, "next")), "next");
}

}  // namespace
}  // namespace futured::testing
