// FutureTable: what create() accepts and refuses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "server/core/future_table.h"
#include "tests/core/test_table.h"

namespace futured::core {
namespace {

using testing::counters_of;
using ::testing::HasSubstr;
using testing::id_of;
using testing::RecordingSubscriber;
using testing::TestTable;
using namespace std::chrono_literals;

TEST(FutureTableSubmitTest, SubmittedFutureIsPending) {
  TestTable t;
  ASSERT_TRUE(t.submit({7}, {.arguments = "abc"}));
  const FutureSnapshot snapshot = t.snapshot(7);
  EXPECT_EQ(snapshot.id, id_of(7));
  EXPECT_EQ(snapshot.state, State::kPending);
  EXPECT_EQ(snapshot.function, "plain");
  EXPECT_EQ(snapshot.arguments_size, 3U);
  EXPECT_EQ(snapshot.attempt, 0U);
  EXPECT_EQ(snapshot.submitted, t.time.now());
  EXPECT_FALSE(snapshot.started || snapshot.finished || snapshot.expires);
}

TEST(FutureTableSubmitTest, ManyTasksWakeOneWorker) {
  TestTable t({.max_workers = 4});
  ASSERT_TRUE(t.submit({1, 2, 3}));
  ASSERT_TRUE(t.submit({4}));
  EXPECT_EQ(t.executor.woken(), 1U);
}

TEST(FutureTableSubmitTest, NothingIsAlsoAccepted) {
  TestTable t;
  EXPECT_TRUE(t.submit({}));
  EXPECT_TRUE(t.table.create({}, kNoSubscriber, nullptr));
  EXPECT_EQ(t.executor.woken(), 0U);
}

// semantics 5
TEST(FutureTableSubmitTest, EqualTasksWithOtherIdsAreOtherFutures) {
  TestTable t;
  ASSERT_TRUE(t.submit({1, 2, 3}, {.arguments = "same"}));
  t.executor.run_all();
  EXPECT_EQ(t.table.stats().succeeded, 3U);
}

// semantics 6
TEST(FutureTableSubmitTest, TasksStartInOrderOfSubmission) {
  TestTable t;
  ASSERT_TRUE(t.submit({5, 3}, {.function = "plain"}));
  ASSERT_TRUE(t.submit({4}, {.function = "other"}));
  ASSERT_TRUE(t.submit({1, 2}, {.function = "plain"}));
  std::vector<std::uint64_t> order;
  for (auto lease = t.executor.come(); lease != nullptr; lease = t.executor.run(lease)) {
    for (const std::uint64_t counter : counters_of(*lease)) order.push_back(counter);
  }
  EXPECT_EQ(order, (std::vector<std::uint64_t>{5, 3, 4, 1, 2}));
}

TEST(FutureTableSubmitTest, SameTaskAgainIsTheSameFuture) {
  TestTable t;
  const std::string arguments(100, 'x');
  ASSERT_TRUE(t.submit({1}, {.arguments = arguments}));
  EXPECT_TRUE(t.submit({1}, {.arguments = arguments}));
  const auto lease = t.executor.come();
  t.executor.begin(*lease, 0);
  EXPECT_TRUE(t.submit({1}, {.arguments = arguments}));
  t.executor.end(*lease, 0);
  EXPECT_EQ(t.executor.exchange(lease), nullptr);
  EXPECT_TRUE(t.submit({1, 2}, {.arguments = arguments}));
  EXPECT_EQ(t.state(1), State::kSucceeded);
  EXPECT_EQ(t.table.stats().submitted, 2U);
}

TEST(FutureTableSubmitTest, FinishedFutureSubmittedAgainIsToldToTheNewWatcher) {
  TestTable t;
  t.submit_and_run(1);
  const auto watcher = RecordingSubscriber::add(t.table);
  ASSERT_TRUE(t.submit({1}, {.watcher = watcher->id()}));
  EXPECT_EQ(watcher->notifications(), 1U);
  const auto events = watcher->drain(t.table);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].outcome.state, State::kSucceeded);
}

class FutureTableDifferenceTest : public ::testing::TestWithParam<bool> {};

TEST_P(FutureTableDifferenceTest, SameIdWithAnotherTaskAlreadyExists) {
  const bool finished = GetParam();
  TestTable t;
  const std::string arguments(100, 'x');
  const std::string others = std::string(99, 'x') + 'y';
  const testing::TaskOptions first{.arguments = arguments, .timeout = 1s, .retention = 1h};
  ASSERT_TRUE(t.submit({1}, first));
  if (finished) t.executor.run_all();
  std::uint64_t refused = 0;
  const auto expect_refused = [&](auto change, const std::string& word) {
    testing::TaskOptions options = first;
    change(options);
    const auto created = t.submit({1}, options);
    ASSERT_FALSE(created) << word;
    EXPECT_EQ(created.error().reason, Reason::kFutureIdTaken);
    EXPECT_EQ(created.error().message, "future " + to_string(id_of(1)) + " exists with another " + word);
    EXPECT_EQ(created.error().retry_delay.count(), 0);
    EXPECT_EQ(t.table.stats().refused, ++refused);
  };
  expect_refused([](auto& options) { options.function = "other"; }, "function");
  expect_refused([&](auto& options) { options.arguments = others; }, "list of arguments");
  expect_refused([](auto& options) { options.arguments = ""; }, "list of arguments");
  expect_refused([](auto& options) { options.timeout = -1s; }, "timeout");
  expect_refused([](auto& options) { options.retention = -1s; }, "retention");
}

INSTANTIATE_TEST_SUITE_P(PendingAndFinished, FutureTableDifferenceTest, ::testing::Bool());

TEST(FutureTableSubmitTest, OtherExecutorIsAnotherTask) {
  TestTable t;
  testing::ScriptedExecutor second(t.table, t.time, {.name = "second"});
  ASSERT_TRUE(t.submit({1}));
  NewTask task{id_of(1), Bytes(), 0};
  TaskGroup group{.function = "plain", .executor = second.index(), .tasks = {&task, 1}};
  const auto created = t.table.create({&group, 1}, kNoSubscriber, nullptr);
  ASSERT_FALSE(created);
  EXPECT_THAT(created.error().message, HasSubstr("executor"));
}

TEST(FutureTableSubmitTest, AcceptsAllOrNone) {
  TestTable t;
  ASSERT_TRUE(t.submit({2}, {.arguments = "a"}));
  bool durable = false;
  NewTask tasks[] = {{id_of(1), Bytes("b"), 0}, {id_of(2), Bytes("b"), 0}, {id_of(3), Bytes("b"), 0}};
  TaskGroup group{.function = "plain", .tasks = tasks};
  EXPECT_FALSE(t.table.create({&group, 1}, kNoSubscriber, [&durable] { durable = true; }));
  EXPECT_FALSE(durable);
  EXPECT_FALSE(t.exists(1));
  EXPECT_FALSE(t.exists(3));
  EXPECT_EQ(t.table.stats().unfinished, 1U);
  EXPECT_EQ(tasks[0].arguments.view(), "b");
}

TEST(FutureTableSubmitTest, GroupsOfSeveralFunctionsAreOneCall) {
  TestTable t;
  int durable = 0;
  NewTask first{id_of(1), Bytes(), 0};
  NewTask second{id_of(2), Bytes(), 0};
  TaskGroup groups[] = {{.function = "plain", .tasks = {&first, 1}}, {.function = "other", .tasks = {&second, 1}}};
  ASSERT_TRUE(t.table.create(groups, kNoSubscriber, [&durable] { ++durable; }));
  EXPECT_EQ(durable, 1);
  EXPECT_EQ(t.snapshot(1).function, "plain");
  EXPECT_EQ(t.snapshot(2).function, "other");
}

// semantics 17
TEST(FutureTableSubmitTest, FullTableRefusesWithARetryDelay) {
  TestTable t({}, {.max_pending = 3, .retry_delay = 250ms});
  ASSERT_TRUE(t.submit({1, 2}));
  const auto created = t.submit({3, 4});
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().reason, Reason::kTooManyPending);
  EXPECT_THAT(created.error().message, HasSubstr("the limit is 3"));
  EXPECT_EQ(created.error().retry_delay, 250ms);
  EXPECT_FALSE(t.exists(3));
  EXPECT_EQ(t.table.stats().refused, 1U);
  EXPECT_TRUE(t.submit({3}));
}

TEST(FutureTableSubmitTest, WhatExceedsALimitByItselfIsRefusedForGood) {
  TestTable t({}, {.max_pending = 2, .max_pending_bytes = 100});
  const auto many = t.submit({1, 2, 3});
  ASSERT_FALSE(many);
  EXPECT_EQ(many.error().reason, Reason::kTooManyPending);
  EXPECT_EQ(many.error().retry_delay, 0ms);
  const auto large = t.submit({1}, {.arguments = std::string(101, 'x')});
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().reason, Reason::kTooManyPendingBytes);
  EXPECT_EQ(large.error().retry_delay, 0ms);
}

TEST(FutureTableSubmitTest, FullTableStillKnowsWhatItHas) {
  TestTable t({}, {.max_pending = 2});
  ASSERT_TRUE(t.submit({1, 2}));
  EXPECT_TRUE(t.submit({1, 2}));
}

TEST(FutureTableSubmitTest, UndeliveredOutcomesCountAsPending) {
  TestTable t({}, {.max_pending = 2});
  const auto watcher = RecordingSubscriber::add(t.table);
  ASSERT_TRUE(t.submit({1, 2}, {.watcher = watcher->id()}));
  t.executor.run_all();
  EXPECT_EQ(t.submit({3}).error().reason, Reason::kTooManyPending);
  watcher->drain(t.table);
  EXPECT_TRUE(t.submit({3}));
}

TEST(FutureTableSubmitTest, BytesOfArgumentsAreLimited) {
  TestTable t({}, {.max_pending_bytes = 100});
  const std::string sixty(60, 'x');
  ASSERT_TRUE(t.submit({1}, {.arguments = sixty}));
  const auto created = t.submit({2}, {.arguments = sixty});
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().reason, Reason::kTooManyPendingBytes);
  EXPECT_THAT(created.error().message, HasSubstr("the limit is 100"));
  EXPECT_GT(created.error().retry_delay.count(), 0);
  EXPECT_TRUE(t.submit({1}, {.arguments = sixty}));
  t.executor.run_all();
  EXPECT_TRUE(t.submit({2}, {.arguments = sixty}));
}

TEST(FutureTableSubmitTest, FunctionThatNobodyKnowsIsAccepted) {
  TestTable t;
  ASSERT_TRUE(t.submit({1}, {.function = "made.up"}));
  t.executor.run_all();
  EXPECT_EQ(t.snapshot(1).function, "made.up");
}

TEST(FutureTableSubmitTest, SharedArgumentsReachTheWorkerUnchanged) {
  TestTable t;
  const std::string arguments(10'000, 'x');
  const auto lease = t.submit_and_take(1, {.arguments = arguments});
  EXPECT_EQ((*lease)[0].arguments.view(), arguments);
  EXPECT_EQ(t.table.stats().unfinished_bytes, 10'000U);
  t.executor.run(lease);
  EXPECT_EQ(t.table.stats().unfinished_bytes, 0U);
}

}  // namespace
}  // namespace futured::core
