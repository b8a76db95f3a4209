// FutureTable: finding executors; pausing, resuming and draining them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/core/future_table.h"
#include "tests/core/test_table.h"

namespace futured::core {
namespace {

using ::testing::HasSubstr;
using testing::TestTable;
using namespace std::chrono_literals;

TEST(FutureTableExecutorTest, IsFoundByName) {
  TestTable t;
  testing::ScriptedExecutor second(t.table, t.time, {.name = "second"});
  EXPECT_EQ(t.table.find_executor("scripted").value(), t.executor.index());
  EXPECT_EQ(t.table.find_executor("second").value(), second.index());
  EXPECT_EQ(t.table.find_executor("").value(), t.executor.index());
}

TEST(FutureTableExecutorTest, UnknownNameIsToldWhichThereAre) {
  TestTable t;
  testing::ScriptedExecutor second(t.table, t.time, {.name = "second"});
  const auto found = t.table.find_executor("third");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().reason, Reason::kExecutorUnknown);
  EXPECT_EQ(found.error().message, "executor \"third\" is unknown; there are: scripted, second");
}

TEST(FutureTableExecutorTest, EachHasItsOwnQueue) {
  TestTable t;
  testing::ScriptedExecutor second(t.table, t.time, {.name = "second"});
  ASSERT_TRUE(t.submit({1}));
  EXPECT_EQ(t.executor.woken(), 1U);
  EXPECT_EQ(second.woken(), 0U);
  const auto snapshots = t.table.executors();
  ASSERT_EQ(snapshots.size(), 2U);
  EXPECT_EQ(snapshots[0].description, &t.executor.describe());
  EXPECT_EQ(snapshots[0].pending, 1U);
  EXPECT_EQ(snapshots[1].pending, 0U);
}

TEST(FutureTableExecutorTest, PausedOneAcceptsAndRunsNothing) {
  TestTable t;
  t.table.set_executor_state(t.executor.index(), ExecutorState::kPaused);
  ASSERT_TRUE(t.submit({1}));
  EXPECT_EQ(t.executor.woken(), 0U);
  EXPECT_EQ(t.table.executors()[0].state, ExecutorState::kPaused);
  EXPECT_EQ(t.table.executors()[0].pending, 1U);
}

TEST(FutureTableExecutorTest, ResumingWakesAWorker) {
  TestTable t;
  t.table.set_executor_state(t.executor.index(), ExecutorState::kPaused);
  ASSERT_TRUE(t.submit({1}));
  t.table.set_executor_state(t.executor.index(), ExecutorState::kActive);
  ASSERT_EQ(t.executor.woken(), 1U);
  t.executor.run_all();
  EXPECT_EQ(t.state(1), State::kSucceeded);
}

TEST(FutureTableExecutorTest, WorkerThatComesDuringThePauseIsWokenAgainAfterIt) {
  TestTable t;
  ASSERT_TRUE(t.submit({1}));
  t.table.set_executor_state(t.executor.index(), ExecutorState::kPaused);
  EXPECT_EQ(t.executor.come(), nullptr);
  t.table.set_executor_state(t.executor.index(), ExecutorState::kActive);
  ASSERT_EQ(t.executor.woken(), 1U);
  EXPECT_NE(t.executor.come(), nullptr);
}

TEST(FutureTableExecutorTest, PauseBetweenWakingAndComingIsNotNoticed) {
  TestTable t;
  ASSERT_TRUE(t.submit({1}));
  t.table.set_executor_state(t.executor.index(), ExecutorState::kPaused);
  t.table.set_executor_state(t.executor.index(), ExecutorState::kActive);
  EXPECT_EQ(t.executor.woken(), 1U);
  EXPECT_NE(t.executor.come(), nullptr);
}

TEST(FutureTableExecutorTest, PauseLetsRunningOnesEnd) {
  TestTable t;
  const auto lease = t.submit_and_take(1);
  ASSERT_TRUE(t.submit({2}));
  t.table.set_executor_state(t.executor.index(), ExecutorState::kPaused);
  EXPECT_EQ(t.executor.run(lease), nullptr);
  EXPECT_EQ(t.state(1), State::kSucceeded);
  EXPECT_EQ(t.state(2), State::kPending);
  t.table.set_executor_state(t.executor.index(), ExecutorState::kActive);
  EXPECT_EQ(t.executor.woken(), 1U);
}

TEST(FutureTableExecutorTest, PausedOnesTasksCanBeCancelled) {
  TestTable t;
  t.table.set_executor_state(t.executor.index(), ExecutorState::kPaused);
  ASSERT_TRUE(t.submit({1}));
  EXPECT_EQ(t.cancel(1), CancelEffect::kCancelled);
  t.table.set_executor_state(t.executor.index(), ExecutorState::kActive);
  EXPECT_EQ(t.executor.woken(), 0U);
}

TEST(FutureTableExecutorTest, LeaseCalledInDuringAPauseWaitsForItsEnd) {
  TestTable t({.max_workers = 2});
  t.learn_that_it_is_quick();
  ASSERT_TRUE(t.submit({1, 2}));
  const auto lease = t.executor.come();
  t.executor.begin(*lease, 0);
  t.table.set_executor_state(t.executor.index(), ExecutorState::kPaused);
  t.time.advance(2ms);
  EXPECT_EQ(t.executor.woken(), 0U);
  t.table.set_executor_state(t.executor.index(), ExecutorState::kActive);
  EXPECT_EQ(t.executor.woken(), 1U);
}

TEST(FutureTableExecutorTest, DrainingOneRefusesNewTasksAndRunsTheOthers) {
  TestTable t;
  ASSERT_TRUE(t.submit({1, 2}));
  t.table.set_executor_state(t.executor.index(), ExecutorState::kDraining);
  const auto created = t.submit({3});
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().reason, Reason::kExecutorDraining);
  EXPECT_THAT(created.error().message, HasSubstr("\"scripted\" is draining"));
  EXPECT_GT(created.error().retry_delay.count(), 0);
  t.executor.run_all();
  EXPECT_EQ(t.table.stats().succeeded, 2U);
  t.table.set_executor_state(t.executor.index(), ExecutorState::kActive);
  EXPECT_TRUE(t.submit({3}));
}

TEST(FutureTableExecutorTest, DrainingOneStillKnowsWhatItHasTaken) {
  TestTable t;
  ASSERT_TRUE(t.submit({1}));
  t.table.set_executor_state(t.executor.index(), ExecutorState::kDraining);
  EXPECT_TRUE(t.submit({1}));
  EXPECT_FALSE(t.submit({1, 2}));
}

TEST(FutureTableExecutorTest, AbsentOneRefusesNewTasksForGood) {
  TestTable t({.name = "gone", .kind = "absent"});
  t.table.set_executor_state(t.executor.index(), ExecutorState::kDraining);
  const auto created = t.submit({1});
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().reason, Reason::kExecutorNotConfigured);
  EXPECT_THAT(created.error().message, HasSubstr("\"gone\" is not configured"));
  EXPECT_EQ(created.error().retry_delay.count(), 0);
}

}  // namespace
}  // namespace futured::core
