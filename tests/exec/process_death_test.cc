// What a worker's death does, and to whom.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "tests/exec/fault_functions.h"
#include "tests/exec/process_under_test.h"

namespace futured::testing {
namespace {

using ::testing::HasSubstr;

struct Fault {
  std::string word;
  std::string told;
};

class ProcessFaultTest : public ::testing::TestWithParam<Fault> {};

INSTANTIATE_TEST_SUITE_P(Faults, ProcessFaultTest,
                         ::testing::Values(Fault{"segfault", "signal 11"}, Fault{"abort", "signal 6"},
                                           Fault{"exit 0", "code 0"}, Fault{"exit 3", "code 3"},
                                           Fault{"stack overflow", "signal 11"}, Fault{"kill", "signal 9"}),
                         [](const auto& fault) {
                           std::string name = fault.param.word;
                           std::erase(name, ' ');
                           return name;
                         });

TEST_P(ProcessFaultTest, FailsItsTaskAlone) {
  ExecutorBench bench(process_kind(), {.max_workers = 2});
  Rendezvous rendezvous;
  const core::FutureId victim = bench.submit(kDieLater, rendezvous.path(), GetParam().word);
  ASSERT_TRUE(rendezvous.arrival());
  Rendezvous of_other;
  const core::FutureId other = bench.submit(kHold, of_other.path(), "other");
  ASSERT_TRUE(of_other.arrival());
  std::vector<core::FutureId> pending;
  for (int i = 0; i < 100; ++i) pending.push_back(bench.submit(kEcho, std::to_string(i)));
  rendezvous.open("go");
  const core::Error error = bench.error(victim);
  EXPECT_EQ(error.origin, core::Origin::kWorker);
  EXPECT_EQ(error.type, "WorkerLost");
  EXPECT_EQ(error.attempt, 1U);
  EXPECT_THAT(error.message, HasSubstr(GetParam().told));
  for (std::size_t i = 0; i < pending.size(); ++i) EXPECT_EQ(bench.value<std::string>(pending[i]), std::to_string(i));
  of_other.open("go");
  EXPECT_EQ(bench.value<std::string>(other), "other");
}

TEST(ProcessDeathTest, WhatTheWorkerHadNotBegunRunsElsewhereAndOnce) {
  ExecutorBench bench(process_kind(), {.max_workers = 1});
  Rendezvous rendezvous;
  // So that all of them are known to be quick, and go in one batch.
  for (int i = 0; i < 5; ++i) {
    bench.outcome(bench.submit(kTrace, rendezvous.path(), "warm"));
    EXPECT_EQ(bench.error(bench.submit(kThrow, "quick")).origin, core::Origin::kTask);
  }
  for (int round = 0; round < 20; ++round) {
    std::vector<core::FutureId> ids;
    for (int i = 0; i < 30; ++i) {
      if (i == 15) bench.submit(kDie, "kill");
      ids.push_back(bench.submit(kTrace, rendezvous.path(), std::to_string(round) + "/" + std::to_string(i)));
    }
    for (const core::FutureId id : ids) EXPECT_EQ(bench.outcome(id).state, core::State::kSucceeded);
  }
  std::ifstream begun(rendezvous.path() + "/begun");
  std::map<std::string, int> times;
  for (std::string name; std::getline(begun, name);) ++times[name];
  times.erase("warm");
  EXPECT_EQ(times.size(), 600U);
  for (const auto& [name, count] : times) EXPECT_EQ(count, 1) << name;
}

TEST(ProcessDeathTest, ManyDeathsInARowHarmNobodyElse) {
  ExecutorBench bench(process_kind(), {.max_workers = 2});
  std::vector<core::FutureId> victims;
  std::vector<core::FutureId> others;
  for (int i = 0; i < 50; ++i) {
    victims.push_back(bench.submit(kDie, "kill"));
    others.push_back(bench.submit(kEcho, "other"));
  }
  for (const core::FutureId id : victims) EXPECT_EQ(bench.error(id).type, "WorkerLost");
  for (const core::FutureId id : others) EXPECT_EQ(bench.value<std::string>(id), "other");
}

TEST(ProcessDeathTest, IdleWorkerThatIsKilledIsReplaced) {
  ExecutorBench bench(process_kind(), {.max_workers = 1});
  Rendezvous rendezvous;
  for (int i = 0; i < 20; ++i) {
    const auto pid = bench.value<std::int64_t>(bench.submit(kTrace, rendezvous.path(), "a"));
    ::kill(static_cast<pid_t>(pid), SIGKILL);
  }
  EXPECT_EQ(bench.value<std::string>(bench.submit(kEcho, "next")), "next");
}

TEST(ProcessDeathTest, ChatterIsNoHarm) {
  ExecutorBench bench(process_kind());
  EXPECT_EQ(bench.outcome(bench.submit(kChatter, 1'000'000)).state, core::State::kSucceeded);
}

}  // namespace
}  // namespace futured::testing
