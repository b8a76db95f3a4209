// FutureTable: how a daemon's work ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "server/core/future_table.h"
#include "server/store/memory_store.h"
#include "tests/core/test_table.h"
#include "tests/support/gate.h"
#include "tests/support/recording_store.h"

namespace futured::core {
namespace {

using testing::failure_of;
using ::testing::HasSubstr;
using testing::id_of;
using testing::kPatience;
using testing::RecordingStore;
using testing::RecordingSubscriber;
using testing::ScriptedExecutor;
using testing::shared;
using testing::TestTable;
using namespace std::chrono_literals;

TEST(FutureTableEndingTest, DrainingTableRefusesNewTasksAndRunsTheOthers) {
  TestTable t;
  ASSERT_TRUE(t.submit({1}));
  t.table.drain_all();
  const auto created = t.submit({2});
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().reason, Reason::kDaemonDraining);
  EXPECT_THAT(created.error().message, HasSubstr("draining"));
  EXPECT_GT(created.error().retry_delay.count(), 0);
  t.executor.run_all();
  EXPECT_EQ(t.state(1), State::kSucceeded);
}

TEST(FutureTableEndingTest, ResumedTableTakesNewTasks) {
  TestTable t;
  t.table.drain_all(Draining::kUntilResumed);
  EXPECT_FALSE(t.submit({1}));
  EXPECT_EQ(t.table.stats().draining, Draining::kUntilResumed);
  EXPECT_TRUE(t.table.resume_all());
  EXPECT_EQ(t.table.stats().draining, Draining::kNo);
  ASSERT_TRUE(t.submit({1}));
  t.executor.run_all();
  EXPECT_EQ(t.state(1), State::kSucceeded);
}

TEST(FutureTableEndingTest, DrainForGoodIsNotUndone) {
  TestTable t;
  t.table.drain_all();
  t.table.drain_all(Draining::kUntilResumed);
  EXPECT_FALSE(t.table.resume_all());
  EXPECT_EQ(t.table.stats().draining, Draining::kForGood);
  EXPECT_FALSE(t.submit({1}));
}

// What no store keeps, as long as there is somebody to attempt it.
TEST(FutureTableEndingTest, FailedAttemptIsFollowedByAnotherUnlessTheDrainIsForGood) {
  for (const Draining how : {Draining::kUntilResumed, Draining::kForGood}) {
    TestTable t;
    const auto lease = t.submit_and_take(1, {.policy = shared({.max_attempts = 2})});
    t.executor.begin(*lease, 0);
    t.table.drain_all(how);
    t.executor.end(*lease, 0, failure_of("E"));
    t.table.give_back(lease);
    EXPECT_EQ(t.state(1), how == Draining::kForGood ? State::kFailed : State::kPending);
  }
}

TEST(FutureTableEndingTest, GaugesReturnToTheirBase) {
  TestTable t({.max_workers = 4}, {.retention = 1s});
  const auto watcher = RecordingSubscriber::add(t.table);
  ASSERT_TRUE(t.submit({1, 2, 3}, {.arguments = "abc", .watcher = watcher->id()}));
  ASSERT_TRUE(t.submit({4}, {.timeout = 1s, .retention = 1h, .watcher = watcher->id()}));
  t.cancel(2);
  t.executor.run_all();
  watcher->drain(t.table);
  t.table.remove_subscriber(watcher->id());
  t.time.advance(1h);
  const TableStats stats = t.table.stats();
  for (const std::uint64_t gauge : {stats.unfinished, stats.unfinished_bytes, stats.running, stats.retained, stats.owed,
                                    stats.retained_bytes, stats.subscribers, stats.watches}) {
    EXPECT_EQ(gauge, 0U);
  }
  EXPECT_EQ(stats.submitted, 4U);
  EXPECT_EQ(stats.succeeded, 3U);
  EXPECT_EQ(stats.cancelled, 1U);
  EXPECT_EQ(stats.expired, 4U);
  EXPECT_EQ(t.time.scheduled(), 0U);
}

// As a daemon whose futures are for the next one.
class FutureTableKeptTest : public ::testing::Test {
 public:
  ~FutureTableKeptTest() override { EXPECT_EQ(store.problems(), std::vector<std::string>()); }

 protected:
  const std::shared_ptr<const TaskPolicy> ephemeral = shared({.ephemeral = true});
  RecordingStore store;
  TestTable t{{}, {}, store};
};

TEST_F(FutureTableKeptTest, OnlyWhatEndsWithTheDaemonIsCancelled) {
  t.learn_that_it_is_quick();
  const auto watcher = RecordingSubscriber::add(t.table);
  ASSERT_TRUE(t.submit({1}));
  ASSERT_TRUE(t.submit({2}, {.watcher = watcher->id(), .policy = ephemeral}));
  const auto lease = t.executor.come();
  ASSERT_EQ(lease->size(), 2U);
  t.executor.begin(*lease, 0);
  ASSERT_TRUE(t.submit({3, 4}));
  ASSERT_TRUE(t.submit({5}, {.watcher = watcher->id(), .policy = ephemeral}));
  t.table.drain_all();
  // Neither may wait for the disk.
  store.hold();
  EXPECT_EQ(t.table.cancel_unkept(CancelMode::kPending).cancelled, 2U);
  for (const std::uint64_t counter : {2U, 5U}) EXPECT_EQ(t.state(counter), State::kCancelled);
  EXPECT_EQ(watcher->drain(t.table).size(), 2U);
  store.let_go();
  t.executor.end(*lease, 0);
  EXPECT_EQ(t.executor.exchange(lease), nullptr);
  EXPECT_EQ(t.state(1), State::kSucceeded);
  for (const std::uint64_t counter : {3U, 4U}) EXPECT_EQ(t.state(counter), State::kPending);
}

TEST_F(FutureTableKeptTest, WhatIsPendingBeginsOnceTheDrainIsUndone) {
  t.table.drain_all(Draining::kUntilResumed);
  t.table.resume_all();
  ASSERT_TRUE(t.submit({1}));
  const auto lease = t.executor.come();
  t.executor.begin(*lease, 0);
  ASSERT_TRUE(t.submit({2, 3}));
  t.table.drain_all(Draining::kUntilResumed);
  t.executor.end(*lease, 0);
  EXPECT_EQ(t.executor.exchange(lease), nullptr) << "they are for the next daemon";
  EXPECT_EQ(t.state(2), State::kPending);
  EXPECT_TRUE(t.table.resume_all());
  t.executor.run_all();
  for (const std::uint64_t counter : {2U, 3U}) EXPECT_EQ(t.state(counter), State::kSucceeded);
}

TEST_F(FutureTableKeptTest, RunningThatEndsWithTheDaemonIsAskedToStop) {
  const auto lease = t.submit_and_take(1, {.policy = ephemeral});
  t.executor.begin(*lease, 0);
  EXPECT_EQ(t.table.cancel_unkept(CancelMode::kForce).stop_requested, 1U);
  EXPECT_EQ(t.executor.stops().size(), 1U);
}

// The daemon kills the workers that have not ended in time.
class FutureTableKillTest : public FutureTableKeptTest {
 protected:
  // A worker that ran the only task is killed.
  void lose_worker(const std::shared_ptr<const TaskPolicy>& policy) {
    const auto lease = t.submit_and_take(1, {.policy = policy});
    t.executor.begin(*lease, 0);
    t.table.drain_all();
    t.table.expect_lost_workers();
    end_with(lease, failure_of("WorkerLost", Origin::kWorker));
  }
  void end_with(const std::shared_ptr<Lease>& lease, const Outcome& outcome) {
    t.executor.end(*lease, 0, outcome);
    t.table.give_back(lease);
  }
  std::string error() { return t.snapshot(1).outcome.error->type; }
};

TEST_F(FutureTableKillTest, WhatRanEndsAsTheNextDaemonWouldHaveFoundIt) {
  lose_worker(nullptr);
  ASSERT_EQ(t.state(1), State::kFailed);
  EXPECT_EQ(error(), "DaemonRestarted");
  EXPECT_EQ(t.snapshot(1).outcome.error->attempt, 1U);
}

TEST_F(FutureTableKillTest, WhatRanIsAttemptedAgainByTheNextDaemonIfItMayBe) {
  lose_worker(shared({.max_attempts = 2, .retry_on = {"daemon"}}));
  EXPECT_EQ(t.state(1), State::kPending);
  EXPECT_EQ(t.snapshot(1).last_error->type, "DaemonRestarted");
  EXPECT_EQ(store.transitions().back().to, State::kPending);
  EXPECT_EQ(store.transitions().back().attempt, 1U);
}

TEST_F(FutureTableKillTest, RetryAfterALostWorkerDoesNotCoverIt) {
  lose_worker(shared({.max_attempts = 2, .retry_on = {"worker"}}));
  EXPECT_EQ(t.state(1), State::kFailed);
}

TEST_F(FutureTableKillTest, WhatWasAskedToStopIsCancelled) {
  const auto lease = t.submit_and_take(1);
  t.executor.begin(*lease, 0);
  EXPECT_EQ(t.cancel(1, CancelMode::kCooperative), CancelEffect::kStopRequested);
  t.table.drain_all();
  t.table.expect_lost_workers();
  end_with(lease, failure_of("WorkerLost", Origin::kWorker));
  EXPECT_EQ(t.state(1), State::kCancelled);
}

TEST_F(FutureTableKillTest, WhatNoStoreKeepsHasLostItsWorker) {
  lose_worker(ephemeral);
  EXPECT_EQ(error(), "WorkerLost");
}

TEST_F(FutureTableKillTest, WhatEndsByItselfInTimeHasEndedSo) {
  const auto lease = t.submit_and_take(1);
  t.executor.begin(*lease, 0);
  t.table.drain_all();
  t.table.expect_lost_workers();
  end_with(lease, failure_of("E"));
  EXPECT_EQ(error(), "E");
}

TEST_F(FutureTableKillTest, WorkerThatDiesDuringTheGraceIsLost) {
  const auto lease = t.submit_and_take(1);
  t.executor.begin(*lease, 0);
  t.table.drain_all();
  end_with(lease, failure_of("WorkerLost", Origin::kWorker));
  EXPECT_EQ(error(), "WorkerLost");
}

// As a daemon in memory that writes a line for each change.
class FutureTableWatchedTest : public ::testing::Test {
 public:
  ~FutureTableWatchedTest() override { EXPECT_EQ(store.problems(), std::vector<std::string>()); }

 protected:
  RecordingStore store{false};
  TestTable t{{}, {}, store};
};

TEST_F(FutureTableWatchedTest, EverythingEndsWithTheDaemon) {
  ASSERT_TRUE(t.submit({1, 2}));
  EXPECT_EQ(t.table.cancel_unkept(CancelMode::kPending).cancelled, 2U);
}

TEST_F(FutureTableWatchedTest, AttemptThatFailsWhileTheDaemonEndsIsTheLast) {
  const auto lease = t.submit_and_take(1, {.policy = shared({.max_attempts = 3})});
  t.executor.begin(*lease, 0);
  t.table.drain_all();
  t.executor.end(*lease, 0, failure_of("E"));
  t.executor.exchange(lease);
  EXPECT_EQ(t.state(1), State::kFailed);
}

TEST_F(FutureTableWatchedTest, WhatIsPendingRunsWhileTheDaemonEnds) {
  ASSERT_TRUE(t.submit({1}));
  t.table.drain_all();
  t.executor.run_all();
  EXPECT_EQ(t.state(1), State::kSucceeded);
}

TEST_F(FutureTableWatchedTest, StartNeedsNoRecord) {
  ASSERT_TRUE(t.submit({1}, {.policy = shared({.at_most_once = true})}));
  EXPECT_NE(t.executor.come(), nullptr);
}

// On the machine's time, as these wait.
class FutureTableWaitTest : public ::testing::Test {
 protected:
  std::shared_ptr<Lease> submit_and_take(SubscriberId watcher = kNoSubscriber) {
    NewTask task{id_of(1), Bytes(), 1};
    TaskGroup group{.function = "plain", .tasks = {&task, 1}};
    EXPECT_TRUE(table.create({&group, 1}, watcher, nullptr));
    return executor.come();
  }
  void run(const std::shared_ptr<Lease>& lease) { executor.run(lease); }
  Time soon() const { return clock.now() + kPatience; }

  SystemClock clock;
  ThreadTimekeeper timekeeper;
  store::MemoryStore store;
  FutureTable table{{clock, timekeeper, store}, Limits()};
  ScriptedExecutor executor{table, clock, {}};
  // Before the table.
  struct Stopper {
    ThreadTimekeeper& timekeeper;
    ~Stopper() { timekeeper.stop(); }
  } stopper{timekeeper};
};

TEST_F(FutureTableWaitTest, IdleTableIsNotWaitedFor) {
  EXPECT_TRUE(table.wait_until_idle(clock.now()));
  EXPECT_TRUE(table.wait_until_told(clock.now()));
}

TEST_F(FutureTableWaitTest, RunningTaskIsWaitedForUntilTheDeadline) {
  const auto lease = submit_and_take();
  executor.begin(*lease, 0);
  EXPECT_FALSE(table.wait_until_idle(clock.now() + 5ms));
  executor.end(*lease, 0);
  executor.exchange(lease);
  EXPECT_TRUE(table.wait_until_idle(clock.now()));
}

TEST_F(FutureTableWaitTest, EndOfTheLastTaskEndsTheWait) {
  const auto lease = submit_and_take();
  std::thread worker([&] { run(lease); });
  EXPECT_TRUE(table.wait_until_idle(soon()));
  worker.join();
  EXPECT_EQ(table.stats().running, 0U);
}

TEST_F(FutureTableWaitTest, OutcomeThatIsReadEndsTheWaitForReaders) {
  const auto watcher = RecordingSubscriber::add(table);
  run(submit_and_take(watcher->id()));
  table.drain_all();
  EXPECT_FALSE(table.wait_until_told(clock.now() + 5ms));
  std::thread reader([&] { watcher->drain(table); });
  EXPECT_TRUE(table.wait_until_told(soon()));
  reader.join();
}

TEST_F(FutureTableWaitTest, ReaderThatGoesEndsTheWaitForReaders) {
  const auto watcher = RecordingSubscriber::add(table);
  run(submit_and_take(watcher->id()));
  table.drain_all();
  std::thread reader([&] { table.remove_subscriber(watcher->id()); });
  EXPECT_TRUE(table.wait_until_told(soon()));
  reader.join();
}

TEST_F(FutureTableWaitTest, OutcomeThatIsForgottenEndsTheWaitForReaders) {
  const auto watcher = RecordingSubscriber::add(table);
  run(submit_and_take(watcher->id()));
  table.drain_all();
  std::thread forgetter([&] {
    const FutureId id = id_of(1);
    table.forget(kDaemonAccount, {&id, 1});
  });
  EXPECT_TRUE(table.wait_until_told(soon()));
  forgetter.join();
}

}  // namespace
}  // namespace futured::core
