// FutureTable: what is seen of tasks that go by.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "server/core/task_watch.h"
#include "tests/core/test_table.h"

namespace futured::core {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using testing::failure_of;
using testing::id_of;
using ::testing::IsEmpty;
using testing::TestTable;
using ::testing::UnorderedElementsAre;

constexpr std::size_t kMost = 500;
constexpr SessionId kAnns{0x1111'1111'1111'8111, 0x8111};

std::vector<std::uint64_t> counters_of(const std::vector<TaskSample>& samples) {
  std::vector<std::uint64_t> counters;
  for (const TaskSample& sample : samples) counters.push_back(sample.id.counter());
  return counters;
}

TEST(FutureTableTaskWatchTest, TaskThatEndedIsTold) {
  TestTable t;
  TaskWatch watch(t.table, kDaemonAccount);
  const auto lease = t.submit_and_take(1);
  t.executor.begin(*lease, 0);
  const Time begun = t.time.now();
  t.time.advance(3ms);
  t.executor.end(*lease, 0);
  t.executor.exchange(lease);
  t.time.advance(1ms);
  const TasksSeen seen = watch.look(kMost);
  EXPECT_EQ(seen.now, begun + 4ms);
  EXPECT_EQ(seen.count, 1U);
  EXPECT_THAT(seen.running, IsEmpty());
  ASSERT_EQ(seen.ended.size(), 1U);
  const TaskSample& sample = seen.ended[0];
  EXPECT_EQ(sample.id, id_of(1));
  EXPECT_EQ(sample.function, "plain");
  EXPECT_EQ(sample.executor, t.executor.index());
  EXPECT_EQ(sample.worker, 0U);
  EXPECT_EQ(sample.started, begun);
  EXPECT_EQ(sample.ended, begun + 3ms);
  EXPECT_EQ(sample.outcome, State::kSucceeded);
  EXPECT_EQ(watch.look(kMost).count, 0U);
}

TEST(FutureTableTaskWatchTest, WhatEndedBeforeIsNotTold) {
  TestTable t;
  t.submit_and_run(1);
  TaskWatch watch(t.table, kDaemonAccount);
  EXPECT_EQ(watch.look(kMost).count, 0U);
}

TEST(FutureTableTaskWatchTest, OutcomeIsThatOfTheAttempt) {
  TestTable t;
  TaskWatch watch(t.table, kDaemonAccount);
  t.submit_and_run(1, {}, failure_of("ValueError"));
  t.submit_and_run(2, {}, Outcome::cancelled());
  std::vector<State> outcomes;
  for (const TaskSample& sample : watch.look(kMost).ended) outcomes.push_back(sample.outcome);
  EXPECT_THAT(outcomes, UnorderedElementsAre(State::kFailed, State::kCancelled));
}

TEST(FutureTableTaskWatchTest, TaskThatRunsIsToldWithItsWorker) {
  TestTable t({.max_workers = 2});
  TaskWatch watch(t.table, kDaemonAccount);
  const auto first = t.submit_and_take(1);
  t.executor.begin(*first, 0);
  t.time.advance(1ms);
  const auto second = t.submit_and_take(2);
  t.executor.begin(*second, 0);
  const TasksSeen seen = watch.look(kMost);
  EXPECT_EQ(seen.count, 0U);
  EXPECT_THAT(counters_of(seen.running), ElementsAre(1, 2)) << "that which runs for longest is the first";
  EXPECT_EQ(seen.running[0].worker, 0U);
  EXPECT_EQ(seen.running[1].worker, 1U);
  EXPECT_EQ(seen.running[0].ended, std::nullopt);
  EXPECT_THAT(counters_of(watch.look(1).running), ElementsAre(1));
}

TEST(FutureTableTaskWatchTest, WhatIsLentAndHasNotBegunIsNotTold) {
  TestTable t;
  TaskWatch watch(t.table, kDaemonAccount);
  t.learn_that_it_is_quick();
  watch.look(kMost);
  ASSERT_TRUE(t.submit({1, 2, 3}));
  const auto lease = t.executor.come();
  t.executor.begin(*lease, 0);
  t.executor.end(*lease, 0);
  t.executor.begin(*lease, 1);
  EXPECT_THAT(counters_of(watch.look(kMost).running), ElementsAre(2));
}

TEST(FutureTableTaskWatchTest, WorkerKeepsItsNumberWhileItGoesOn) {
  TestTable t({.max_workers = 3});
  TaskWatch watch(t.table, kDaemonAccount);
  auto first = t.submit_and_take(1);
  auto second = t.submit_and_take(2);
  ASSERT_TRUE(t.submit({3, 4}));
  t.executor.begin(*second, 0);
  t.executor.end(*second, 0);
  second = t.executor.exchange(second);
  t.executor.begin(*second, 0);
  const TasksSeen seen = watch.look(kMost);
  ASSERT_THAT(counters_of(seen.running), ElementsAre(3));
  EXPECT_EQ(seen.running[0].worker, 1U);
  EXPECT_EQ(seen.ended.at(0).worker, 1U);
}

TEST(FutureTableTaskWatchTest, CoroutinesRunWithoutAWorkerUntilTheyEnd) {
  TestTable t;
  TaskWatch watch(t.table, kDaemonAccount);
  ASSERT_TRUE(t.submit({1, 2}, {.function = "coroutine"}));
  const auto lease = t.executor.come();
  t.executor.begin(*lease, 0);
  t.executor.begin(*lease, 1);
  EXPECT_THAT(counters_of(watch.look(kMost).running), UnorderedElementsAre(1, 2));
  EXPECT_EQ(t.executor.exchange(lease), nullptr);
  const TasksSeen seen = watch.look(kMost);
  EXPECT_THAT(counters_of(seen.running), UnorderedElementsAre(1, 2));
  EXPECT_EQ(seen.running[0].worker, std::nullopt);
  t.executor.finish(*lease, 1);
  EXPECT_THAT(counters_of(watch.look(kMost).running), ElementsAre(1));
  t.executor.finish(*lease, 0);
  const TasksSeen last = watch.look(kMost);
  EXPECT_THAT(last.running, IsEmpty());
  EXPECT_THAT(counters_of(last.ended), ElementsAre(1));
}

TEST(FutureTableTaskWatchTest, TasksOfOtherNamespacesAreNotSeen) {
  TestTable t({.max_workers = 4});
  const AccountIndex ann = t.table.add_account({"ann", "a"});
  const AccountIndex bob = t.table.add_account({"bob", "a"});
  const AccountIndex cid = t.table.add_account({"cid", "c"});
  TaskWatch daemon(t.table, kDaemonAccount);
  TaskWatch friendly(t.table, bob);
  TaskWatch stranger(t.table, cid);
  t.submit_and_run(1, {.session = kAnns, .account = ann});
  const auto lease = t.submit_and_take(2, {.session = kAnns, .account = ann});
  t.executor.begin(*lease, 0);
  for (TaskWatch* watch : {&daemon, &friendly}) {
    const TasksSeen seen = watch->look(kMost);
    EXPECT_EQ(seen.count, 1U);
    EXPECT_THAT(counters_of(seen.ended), ElementsAre(1));
    EXPECT_THAT(counters_of(seen.running), ElementsAre(2));
  }
  const TasksSeen seen = stranger.look(kMost);
  EXPECT_EQ(seen.count, 0U);
  EXPECT_THAT(seen.ended, IsEmpty());
  EXPECT_THAT(seen.running, IsEmpty());
}

TEST(FutureTableTaskWatchTest, ManyAreCountedAndFewAreTold) {
  TestTable t;
  TaskWatch watch(t.table, kDaemonAccount);
  t.learn_that_it_is_quick();
  for (std::uint64_t i = 0; i < 3000; ++i) ASSERT_TRUE(t.submit({i}));
  t.executor.run_all();
  const TasksSeen seen = watch.look(100);
  EXPECT_EQ(seen.count, 3001U);
  EXPECT_EQ(seen.ended.size(), 100U);
}

}  // namespace
}  // namespace futured::core
