// FutureTable: what a store that keeps futures is told.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "server/core/future_table.h"
#include "tests/core/test_table.h"
#include "tests/support/recording_store.h"

namespace futured::core {
namespace {

using testing::id_of;
using testing::RecordingStore;
using testing::RecordingSubscriber;
using testing::TestTable;
using namespace std::chrono_literals;

class FutureTableStoreTest : public ::testing::Test {
 public:
  ~FutureTableStoreTest() override { EXPECT_EQ(store.problems(), std::vector<std::string>()); }

 protected:
  // "1 PENDING>RUNNING, …"
  std::string log() {
    std::string text;
    for (const Transition& transition : store.transitions()) {
      text += (text.empty() ? "" : ", ") + std::to_string(transition.id.counter()) + " ";
      text += std::string(to_string(transition.from)) + ">" + std::string(to_string(transition.to));
    }
    return text;
  }

  RecordingStore store;
  TestTable t{{}, {}, store};
};

TEST_F(FutureTableStoreTest, QuickTaskIsTwoChanges) {
  t.submit_and_run(1, {.arguments = "a"}, Outcome::succeeded(Bytes("v")));
  EXPECT_EQ(log(), "1 PENDING>PENDING, 1 PENDING>SUCCEEDED");
  const auto transitions = store.transitions();
  EXPECT_EQ(transitions[0].task->function, "plain");
  EXPECT_EQ(transitions[0].task->executor, "scripted");
  EXPECT_EQ(transitions[0].task->arguments.view(), "a");
  EXPECT_EQ(transitions[0].attempt, 0U);
  EXPECT_EQ(transitions[1].outcome.value.view(), "v");
  EXPECT_EQ(transitions[1].attempt, 1U);
}

TEST_F(FutureTableStoreTest, StoreThatRefusesKeepsNewTasksOutAndKnowsTheOthers) {
  ASSERT_TRUE(t.submit({1}));
  store.refuse(Status{Reason::kDiskFull, "the disk is full", 1s});
  EXPECT_TRUE(t.submit({1}));
  const auto created = t.submit({1, 2});
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().message, "the disk is full");
  EXPECT_EQ(created.error().retry_delay, 1s);
  store.refuse(std::nullopt);
  EXPECT_TRUE(t.submit({2}));
}

TEST_F(FutureTableStoreTest, TaskIsStoredWithTheLimitOfItsSession) {
  constexpr SessionId kOther{testing::kSession.high, 0x9e5b};
  t.table.open_session(kOther, 3, kDaemonAccount);
  ASSERT_TRUE(t.submit({1}));
  ASSERT_TRUE(t.submit({2}, {.session = kOther}));
  EXPECT_EQ(store.transitions()[0].task->session_limit, 0U);
  EXPECT_EQ(store.transitions()[1].task->session_limit, 3U);
}

TEST_F(FutureTableStoreTest, TaskThatIsSeenRunningIsThree) {
  const auto lease = t.submit_and_take(1);
  t.executor.begin(*lease, 0);
  t.time.advance(2ms);
  t.executor.end(*lease, 0, Outcome::failed({}));
  t.executor.exchange(lease);
  EXPECT_EQ(log(), "1 PENDING>PENDING, 1 PENDING>RUNNING, 1 RUNNING>FAILED");
}

TEST_F(FutureTableStoreTest, TaskThatBeginsLongAfterItWasTakenIsSeenRunning) {
  const auto lease = t.submit_and_take(1);
  t.time.advance(10ms);
  EXPECT_EQ(t.state(1), State::kPending);
  t.executor.begin(*lease, 0);
  t.time.advance(2ms);
  EXPECT_EQ(log(), "1 PENDING>PENDING, 1 PENDING>RUNNING");
}

TEST_F(FutureTableStoreTest, TimeoutAndCancelAreChangesLikeOthers) {
  const auto lease = t.submit_and_take(1, {.timeout = 1s});
  t.executor.begin(*lease, 0);
  t.time.advance(1s);
  ASSERT_TRUE(t.submit({2}));
  t.cancel(2);
  t.executor.end(*lease, 0);
  t.executor.exchange(lease);
  EXPECT_EQ(log(), "1 PENDING>PENDING, 1 PENDING>RUNNING, 1 RUNNING>FAILED, 2 PENDING>PENDING, 2 PENDING>CANCELLED");
}

TEST_F(FutureTableStoreTest, RequestToStopIsAChangeOnce) {
  const auto lease = t.submit_and_take(1);
  t.executor.begin(*lease, 0);
  EXPECT_EQ(t.cancel(1), CancelEffect::kRunning);
  EXPECT_FALSE(store.transitions().back().stop_requested);
  EXPECT_EQ(t.cancel(1, CancelMode::kCooperative), CancelEffect::kStopRequested);
  EXPECT_EQ(t.cancel(1, CancelMode::kCooperative), CancelEffect::kStopRequested);
  EXPECT_EQ(log(), "1 PENDING>PENDING, 1 PENDING>RUNNING, 1 RUNNING>RUNNING");
  EXPECT_TRUE(store.transitions().back().stop_requested);
  EXPECT_EQ(store.transitions().back().attempt, 1U);
  EXPECT_EQ(store.transitions().back().started, t.time.now());
}

TEST_F(FutureTableStoreTest, RequestToStopMayBeToldOnceItIsDurable) {
  const auto lease = t.submit_and_take(1);
  t.executor.begin(*lease, 0);
  t.cancel(1);
  store.hold();
  t.cancel(1, CancelMode::kCooperative);
  bool durable = false;
  t.table.call_when_stored([&durable] { durable = true; });
  EXPECT_FALSE(durable);
  store.let_go();
  EXPECT_TRUE(durable);
}

TEST_F(FutureTableStoreTest, RepeatedAndRefusedSubmitsChangeNothing) {
  ASSERT_TRUE(t.submit({1}));
  ASSERT_TRUE(t.submit({1}));
  ASSERT_FALSE(t.submit({2, 1}, {.arguments = "other"}));
  EXPECT_EQ(log(), "1 PENDING>PENDING");
}

TEST_F(FutureTableStoreTest, SubmitIsAcknowledgedOnceItIsDurable) {
  store.hold();
  bool durable = false;
  NewTask task{id_of(1), Bytes(), 0};
  TaskGroup group{.function = "plain", .tasks = {&task, 1}};
  ASSERT_TRUE(t.table.create({&group, 1}, kNoSubscriber, [&durable] { durable = true; }));
  EXPECT_FALSE(durable);
  store.let_go();
  EXPECT_TRUE(durable);
}

TEST_F(FutureTableStoreTest, RepeatedSubmitIsNotAcknowledgedBeforeTheFirstIsDurable) {
  store.hold();
  ASSERT_TRUE(t.submit({1}));
  bool durable = false;
  NewTask task{id_of(1), Bytes(), 0};
  TaskGroup group{.function = "plain", .tasks = {&task, 1}};
  ASSERT_TRUE(t.table.create({&group, 1}, kNoSubscriber, [&durable] { durable = true; }));
  EXPECT_FALSE(durable);
  store.let_go();
  EXPECT_TRUE(durable);
}

TEST_F(FutureTableStoreTest, WatcherIsNotifiedOnceTheOutcomeIsDurable) {
  const auto watcher = RecordingSubscriber::add(t.table);
  const auto lease = t.submit_and_take(1, {.watcher = watcher->id()});
  store.hold();
  t.executor.run(lease);
  EXPECT_EQ(watcher->notifications(), 0U);
  store.let_go();
  EXPECT_EQ(watcher->notifications(), 1U);
  EXPECT_EQ(watcher->drain(t.table).size(), 1U);
}

TEST_F(FutureTableStoreTest, EphemeralTaskBeginsAndIsToldWithoutTheDisk) {
  const auto watcher = RecordingSubscriber::add(t.table);
  store.hold();
  ASSERT_TRUE(t.submit({1}));
  ASSERT_TRUE(t.submit({2}, {.watcher = watcher->id(), .policy = testing::shared({.ephemeral = true})}));
  t.executor.run_all();
  EXPECT_EQ(t.state(2), State::kSucceeded);
  EXPECT_EQ(watcher->drain(t.table).size(), 1U);
  EXPECT_EQ(t.state(1), State::kRunning);
}

TEST_F(FutureTableStoreTest, NobodySeesAnOutcomeBeforeItIsDurable) {
  const auto lease = t.submit_and_take(1);
  store.hold();
  t.executor.run(lease);
  const auto watcher = RecordingSubscriber::add(t.table);
  ASSERT_TRUE(t.watch(*watcher, {1}));
  EXPECT_EQ(t.state(1), State::kRunning);
  EXPECT_EQ(t.snapshot(1).outcome.state, State::kPending);
  EXPECT_EQ(t.forget(1), ForgetEffect::kUnfinished);
  EXPECT_FALSE(t.table.wait_until_told(t.time.now()));
  store.let_go();
  EXPECT_EQ(t.state(1), State::kSucceeded);
  const auto events = watcher->drain(t.table);
  ASSERT_FALSE(events.empty());
  EXPECT_EQ(events.back().outcome.state, State::kSucceeded);
}

TEST_F(FutureTableStoreTest, CancelIsToldOnceItIsDurable) {
  ASSERT_TRUE(t.submit({1}));
  store.hold();
  EXPECT_EQ(t.cancel(1), CancelEffect::kCancelled);
  bool durable = false;
  t.table.call_when_stored([&] { durable = true; });
  EXPECT_EQ(t.state(1), State::kPending);
  EXPECT_FALSE(durable);
  store.let_go();
  EXPECT_EQ(t.state(1), State::kCancelled);
  EXPECT_TRUE(durable);
}

TEST_F(FutureTableStoreTest, WhatIsForgottenIsToldToTheStore) {
  t.submit_and_run(1);
  EXPECT_EQ(t.forget(1), ForgetEffect::kForgotten);
  EXPECT_TRUE(store.transitions().back().forgotten);
}

TEST_F(FutureTableStoreTest, EphemeralTaskIsNotStored) {
  const auto policy = std::make_shared<const TaskPolicy>(TaskPolicy{.ephemeral = true});
  NewTask task{id_of(1), Bytes(), 0};
  TaskGroup group{.function = "plain", .options = {.policy = policy}, .tasks = {&task, 1}};
  store.hold();
  ASSERT_TRUE(t.table.create({&group, 1}, kNoSubscriber, nullptr));
  ASSERT_EQ(t.executor.woken(), 1U);
  t.executor.run(t.executor.come());
  EXPECT_EQ(t.state(1), State::kSucceeded);
  EXPECT_EQ(log(), "");
}

TEST_F(FutureTableStoreTest, OneWhoIsToldMayUseTheTableAtOnce) {
  bool nested = false;
  NewTask first{id_of(1), Bytes(), 0};
  TaskGroup group{.function = "plain", .tasks = {&first, 1}};
  ASSERT_TRUE(t.table.create({&group, 1}, kNoSubscriber, [&] {
    ASSERT_TRUE(t.submit({2}));
    nested = true;
  }));
  EXPECT_TRUE(nested);
  EXPECT_EQ(log(), "1 PENDING>PENDING, 2 PENDING>PENDING");
}

}  // namespace
}  // namespace futured::core
