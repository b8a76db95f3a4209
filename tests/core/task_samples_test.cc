#include "server/core/task_samples.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace futured::core {
namespace {

// Adds a task that began at that many nanoseconds.
void add(TaskSamples& samples, std::uint32_t worker, std::int64_t at, ExecutorIndex executor = 0) {
  if (TaskSample* sample = samples.add(executor, worker)) {
    *sample = {};
    sample->executor = executor;
    sample->worker = worker;
    sample->started = Time(Duration(at));
  }
}

std::map<std::uint32_t, std::size_t> by_worker(const std::vector<TaskSample>& samples) {
  std::map<std::uint32_t, std::size_t> counts;
  for (const TaskSample& sample : samples) ++counts[sample.worker.value()];
  return counts;
}

TEST(TaskSamplesTest, FewAreAllTaken) {
  TaskSamples samples(2);
  for (int i = 0; i < 5; ++i) add(samples, 0, i);
  add(samples, 1, 5);
  EXPECT_EQ(samples.seen(), 6U);
  std::set<std::int64_t> times;
  for (const TaskSample& sample : samples.take(10)) times.insert(sample.started.time_since_epoch().count());
  EXPECT_EQ(times, (std::set<std::int64_t>{0, 1, 2, 3, 4, 5}));
}

TEST(TaskSamplesTest, BusyWorkersLeaveRoomForOthers) {
  TaskSamples samples(3);
  for (int i = 0; i < 100'000; ++i) add(samples, 0, i);
  for (int i = 0; i < 1000; ++i) add(samples, 1, i);
  for (int i = 0; i < 3; ++i) add(samples, 2, i);
  EXPECT_EQ(samples.seen(), 101'003U);
  const auto counts = by_worker(samples.take(101));
  EXPECT_EQ(counts.at(0), 49U);
  EXPECT_EQ(counts.at(1), 49U);
  EXPECT_EQ(counts.at(2), 3U);
}

TEST(TaskSamplesTest, ExecutorsAndCoroutinesHaveTheirOwn) {
  TaskSamples samples(2);
  for (int i = 0; i < 10'000; ++i) {
    add(samples, 0, i, 0);
    add(samples, 0, i, 1);
    if (TaskSample* sample = samples.add(1, std::nullopt)) *sample = {};
  }
  std::map<std::pair<ExecutorIndex, bool>, std::size_t> counts;
  for (const TaskSample& sample : samples.take(30)) ++counts[{sample.executor, sample.worker.has_value()}];
  EXPECT_EQ(counts[std::pair(0, true)], 10U);
  EXPECT_EQ(counts[std::pair(1, true)], 10U);
}

TEST(TaskSamplesTest, EachTaskHasTheSameChance) {
  constexpr int kTasks = 100'000;
  constexpr int kRounds = 40;
  std::size_t taken = 0;
  std::size_t early = 0;
  TaskSamples samples(1);
  for (int round = 0; round < kRounds; ++round) {
    for (int i = 0; i < kTasks; ++i) add(samples, 0, i);
    for (const TaskSample& sample : samples.take(500)) {
      ++taken;
      early += sample.started < Time(Duration(kTasks / 4));
    }
  }
  ASSERT_EQ(taken, 500U * kRounds);
  // A quarter, give or take ten times the deviation of so many.
  EXPECT_NEAR(static_cast<double>(early), static_cast<double>(taken) / 4, 613);
}

TEST(TaskSamplesTest, MemoryIsBounded) {
  TaskSamples samples(4);
  std::size_t chosen = 0;
  for (int i = 0; i < 1'000'000; ++i) chosen += samples.add(0, static_cast<std::uint32_t>(i % 4)) != nullptr;
  EXPECT_EQ(samples.take(SIZE_MAX).size(), TaskSamples::kKept);
  EXPECT_LT(chosen, 30'000U) << "so few were copied";
}

TEST(TaskSamplesTest, NothingIsLeftAfterALook) {
  TaskSamples samples(1);
  add(samples, 0, 1);
  EXPECT_EQ(samples.take(10).size(), 1U);
  EXPECT_EQ(samples.seen(), 0U);
  EXPECT_TRUE(samples.take(10).empty());
}

}  // namespace
}  // namespace futured::core
