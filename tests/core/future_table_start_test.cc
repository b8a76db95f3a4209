// FutureTable: tasks that begin only once the record of it is stored.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "server/core/future_table.h"
#include "tests/core/test_table.h"
#include "tests/support/recording_store.h"

namespace futured::core {
namespace {

using testing::counters_of;
using testing::RecordingStore;
using testing::shared;
using testing::TestTable;
using Order = std::vector<std::uint64_t>;
using namespace std::chrono_literals;

class FutureTableStartTest : public ::testing::Test {
 public:
  ~FutureTableStartTest() override { EXPECT_EQ(store.problems(), std::vector<std::string>()); }

 protected:
  core::Result<void> submit(const Order& counters) { return t.submit(counters, {.policy = once}); }

  // What the store was told last of a future.
  Transition last_of(std::uint64_t counter) const {
    Transition last;
    for (const Transition& transition : store.transitions()) {
      if (transition.id.counter() == counter) last = transition;
    }
    return last;
  }

  const std::shared_ptr<const TaskPolicy> once = shared({.at_most_once = true});
  RecordingStore store;
  TestTable t{{}, {}, store};
};

TEST_F(FutureTableStartTest, WorkerGetsTheTaskOnceItsStartIsStored) {
  store.hold();
  ASSERT_TRUE(submit({1}));
  ASSERT_EQ(t.executor.woken(), 1U);
  EXPECT_EQ(t.executor.come(), nullptr);
  EXPECT_EQ(store.transitions().back().to, State::kRunning);
  EXPECT_EQ(store.transitions().back().attempt, 1U);
  EXPECT_EQ(store.transitions().back().started, t.time.now());
  EXPECT_EQ(t.state(1), State::kPending);
  EXPECT_EQ(t.executor.woken(), 0U);
  store.let_go();
  ASSERT_EQ(t.executor.woken(), 1U);
  const auto lease = t.executor.come();
  ASSERT_EQ(counters_of(*lease), Order{1});
  EXPECT_EQ((*lease)[0].attempt, 1U);
  t.executor.run(lease);
  EXPECT_EQ(t.state(1), State::kSucceeded);
  EXPECT_EQ(t.table.stats().running, 0U);
}

TEST_F(FutureTableStartTest, StartIsStoredOnceHoweverLongItRuns) {
  ASSERT_TRUE(submit({1}));
  EXPECT_EQ(t.executor.come(), nullptr);
  const auto lease = t.executor.come();
  t.executor.begin(*lease, 0);
  t.time.advance(5ms);
  EXPECT_EQ(t.state(1), State::kRunning);
  EXPECT_EQ(store.transitions().size(), 2U);
}

TEST_F(FutureTableStartTest, OthersBehindKeepTheirOrder) {
  t.learn_that_it_is_quick();
  t.table.set_executor_state(0, ExecutorState::kPaused);
  ASSERT_TRUE(t.submit({1}));
  ASSERT_TRUE(submit({2, 3}));
  ASSERT_TRUE(t.submit({4}));
  t.table.set_executor_state(0, ExecutorState::kActive);
  auto lease = t.executor.come();
  EXPECT_EQ(counters_of(*lease), Order{1});
  store.hold();
  EXPECT_EQ(t.executor.run(lease), nullptr);
  EXPECT_EQ(t.table.stats().running, 2U);
  store.let_go();
  lease = t.executor.come();
  EXPECT_EQ(counters_of(*lease), (Order{2, 3}));
  EXPECT_EQ(counters_of(*t.executor.run(lease)), Order{4});
}

TEST_F(FutureTableStartTest, CancelFindsItPendingUntilItBegins) {
  store.hold();
  ASSERT_TRUE(submit({1}));
  EXPECT_EQ(t.executor.come(), nullptr);
  EXPECT_EQ(t.cancel(1), CancelEffect::kCancelled);
  EXPECT_EQ(t.table.stats().running, 0U);
  store.let_go();
  EXPECT_EQ(t.state(1), State::kCancelled);
  // The worker that was kept for it is there for others.
  t.executor.run_all();
  ASSERT_TRUE(t.submit({2}));
  t.executor.run_all();
  EXPECT_EQ(t.state(2), State::kSucceeded);
}

TEST_F(FutureTableStartTest, CancelAfterItsStartIsStoredPreventsItToo) {
  ASSERT_TRUE(submit({1}));
  EXPECT_EQ(t.executor.come(), nullptr);
  ASSERT_EQ(t.executor.woken(), 1U);
  EXPECT_EQ(t.cancel(1), CancelEffect::kCancelled);
  EXPECT_EQ(t.executor.come(), nullptr);
  EXPECT_EQ(t.table.stats().running, 0U);
}

TEST_F(FutureTableStartTest, WorkerWhoseTaskWasCancelledTakesTheNextThatMayBegin) {
  TestTable two({.max_workers = 2}, {}, store);
  store.hold();
  ASSERT_TRUE(two.submit({1, 2}, {.policy = once}));
  EXPECT_EQ(two.executor.come(), nullptr);
  EXPECT_EQ(two.executor.come(), nullptr);
  store.let_go();
  // The other one would be woken by the first that takes something.
  ASSERT_EQ(two.executor.woken(), 1U);
  EXPECT_EQ(two.cancel(1), CancelEffect::kCancelled);
  const auto lease = two.executor.come();
  ASSERT_NE(lease, nullptr);
  EXPECT_EQ(counters_of(*lease), Order{2});
  two.executor.run(lease);
  EXPECT_EQ(two.table.stats().running, 0U);
}

TEST_F(FutureTableStartTest, LimitOfASessionHoldsMeanwhile) {
  const SessionId session{0x8000, 0x8001};
  t.table.open_session(session, 1, kDaemonAccount);
  store.hold();
  ASSERT_TRUE(t.submit({1, 2}, {.session = session, .policy = once}));
  EXPECT_EQ(t.executor.come(), nullptr);
  EXPECT_EQ(t.table.stats().running, 1U);
  store.let_go();
  auto lease = t.executor.come();
  EXPECT_EQ(counters_of(*lease), Order{1});
  EXPECT_EQ(t.executor.run(lease), nullptr);
  EXPECT_EQ(counters_of(*t.executor.come()), Order{2});
}

TEST_F(FutureTableStartTest, OneThatWasTakenBackHasNotBegunForTheStoreEither) {
  t.learn_that_it_is_quick();
  ASSERT_TRUE(submit({1, 2}));
  EXPECT_EQ(t.executor.come(), nullptr);
  const auto lease = t.executor.come();
  ASSERT_EQ(counters_of(*lease), (Order{1, 2}));
  t.executor.begin(*lease, 0);
  t.time.advance(2ms);
  EXPECT_EQ(t.snapshot(2).attempt, 0U);
  bool told = false;
  for (const Transition& transition : store.transitions()) {
    told = told || (transition.from == State::kRunning && transition.to == State::kPending);
  }
  EXPECT_TRUE(told);
}

TEST_F(FutureTableStartTest, DaemonThatEndsBeginsNoneAndTheStoreKnows) {
  store.hold();
  ASSERT_TRUE(submit({1}));
  EXPECT_EQ(t.executor.come(), nullptr);
  t.table.drain_all();
  EXPECT_FALSE(t.table.wait_until_idle(t.time.now()));
  store.let_go();
  EXPECT_TRUE(t.table.wait_until_idle(t.time.now()));
  EXPECT_EQ(store.transitions().back().to, State::kPending);
  EXPECT_EQ(store.transitions().back().attempt, 0U);
  t.executor.run_all();
  EXPECT_EQ(t.state(1), State::kPending);
}

TEST_F(FutureTableStartTest, PausedExecutorBeginsItLater) {
  store.hold();
  ASSERT_TRUE(submit({1}));
  EXPECT_EQ(t.executor.come(), nullptr);
  t.table.set_executor_state(0, ExecutorState::kPaused);
  store.let_go();
  EXPECT_EQ(t.executor.woken(), 0U);
  t.table.set_executor_state(0, ExecutorState::kActive);
  t.executor.run_all();
  EXPECT_EQ(t.state(1), State::kSucceeded);
}

TEST_F(FutureTableStartTest, DaemonThatEndsCallsOffWhatNoWorkerHasTaken) {
  t.learn_that_it_is_quick();
  ASSERT_TRUE(submit({1, 2}));
  EXPECT_EQ(t.executor.come(), nullptr);
  EXPECT_EQ(store.transitions().back().to, State::kRunning);
  ASSERT_EQ(t.executor.woken(), 1U);
  t.table.drain_all();
  EXPECT_TRUE(t.table.wait_until_idle(t.time.now()));
  for (const std::uint64_t counter : {1U, 2U}) EXPECT_EQ(last_of(counter).to, State::kPending);
  EXPECT_EQ(t.executor.come(), nullptr);
  EXPECT_EQ(t.snapshot(1).attempt, 0U);
}

TEST_F(FutureTableStartTest, PauseCallsOffWhatNoWorkerHasTakenAndItsOrderIsKept) {
  t.learn_that_it_is_quick();
  ASSERT_TRUE(submit({1, 2}));
  EXPECT_EQ(t.executor.come(), nullptr);
  t.table.set_executor_state(0, ExecutorState::kPaused);
  EXPECT_EQ(t.table.stats().running, 0U);
  for (const std::uint64_t counter : {1U, 2U}) EXPECT_EQ(last_of(counter).to, State::kPending);
  EXPECT_EQ(t.executor.come(), nullptr);
  t.table.set_executor_state(0, ExecutorState::kActive);
  EXPECT_EQ(t.executor.come(), nullptr);
  const auto lease = t.executor.come();
  EXPECT_EQ(counters_of(*lease), (Order{1, 2}));
  t.executor.run(lease);
  EXPECT_EQ(t.state(2), State::kSucceeded);
}

TEST_F(FutureTableStartTest, EphemeralTaskNeedsNoRecord) {
  ASSERT_TRUE(t.submit({1}, {.policy = shared({.at_most_once = true, .ephemeral = true})}));
  EXPECT_EQ(counters_of(*t.executor.come()), Order{1});
}

TEST(FutureTableStartWithoutStoreTest, TaskBeginsAtOnce) {
  TestTable t;
  ASSERT_TRUE(t.submit({1}, {.policy = shared({.at_most_once = true})}));
  EXPECT_EQ(counters_of(*t.executor.come()), Order{1});
}

}  // namespace
}  // namespace futured::core
