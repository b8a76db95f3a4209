// FutureTable: leases that last too long are called in.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "server/core/future_table.h"
#include "tests/core/test_table.h"

namespace futured::core {
namespace {

using testing::counters_of;
using testing::RecordingSubscriber;
using testing::TestTable;
using Counters = std::vector<std::uint64_t>;
using namespace std::chrono_literals;

// Two workers; the first holds 1 to 4, of which 1 is done, 2 has begun and 3 and 4 have not.
class FutureTableCallInTest : public ::testing::Test {
 protected:
  FutureTableCallInTest() {
    t.learn_that_it_is_quick();
    watcher = RecordingSubscriber::add(t.table);
    EXPECT_TRUE(t.submit({1, 2, 3, 4}, {.watcher = watcher->id()}));
    lease = t.executor.come();
    t.executor.begin(*lease, 0);
    t.executor.end(*lease, 0);
    t.executor.begin(*lease, 1);
  }

  TestTable t{{.max_workers = 2}};
  std::shared_ptr<RecordingSubscriber> watcher;
  std::shared_ptr<Lease> lease;
};

TEST_F(FutureTableCallInTest, QuickLeaseIsLeftAlone) {
  t.time.advance(900us);
  EXPECT_EQ(t.state(1), State::kPending);
  EXPECT_TRUE(t.executor.begin(*lease, 2));
  EXPECT_EQ(watcher->notifications(), 0U);
}

TEST_F(FutureTableCallInTest, WhatIsDoneIsReported) {
  t.time.advance(2ms);
  EXPECT_EQ(t.state(1), State::kSucceeded);
}

TEST_F(FutureTableCallInTest, WhatHasBegunIsKnownToRun) {
  const Time begun = t.time.now();
  t.time.advance(2ms);
  EXPECT_EQ(t.state(2), State::kRunning);
  EXPECT_EQ(t.snapshot(2).started, begun);
  const auto events = watcher->drain(t.table);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].token, 1U);
  EXPECT_EQ(events[0].kind, Event::Kind::kFinished);
  EXPECT_EQ(events[1].token, 2U);
  EXPECT_EQ(events[1].kind, Event::Kind::kStarted);
}

TEST_F(FutureTableCallInTest, WhatHasNotBegunGoesToOthersInOrder) {
  t.time.advance(2ms);
  EXPECT_FALSE(t.executor.begin(*lease, 2));
  EXPECT_FALSE(t.executor.begin(*lease, 3));
  ASSERT_EQ(t.executor.woken(), 1U);
  auto other = t.executor.come();
  Counters order = counters_of(*other);
  while ((other = t.executor.run(other)) != nullptr) order.push_back((*other)[0].id.counter());
  EXPECT_EQ(order, (Counters{3, 4}));
  EXPECT_EQ(t.snapshot(3).attempt, 1U);
}

TEST_F(FutureTableCallInTest, GivesBackInFrontOfWhatCameLater) {
  ASSERT_TRUE(t.submit({5}, {.function = "other"}));
  t.time.advance(2ms);
  EXPECT_EQ(counters_of(*t.executor.come()), (Counters{3}));
}

TEST_F(FutureTableCallInTest, FunctionThatBecameSlowIsLentOneByOne) {
  t.time.advance(2ms);
  EXPECT_EQ(counters_of(*t.executor.come()), (Counters{3}));
}

TEST_F(FutureTableCallInTest, OutcomeOfTheSlowOneIsReportedAsUsual) {
  t.time.advance(2ms);
  t.executor.end(*lease, 1);
  auto next = t.executor.exchange(lease);
  EXPECT_EQ(t.state(2), State::kSucceeded);
  EXPECT_EQ(counters_of(*next), (Counters{3}));
}

TEST_F(FutureTableCallInTest, IsDoneOnceALease) {
  t.time.advance(2ms);
  watcher->drain(t.table);
  const std::size_t notifications = watcher->notifications();
  t.time.advance(20ms);
  EXPECT_EQ(watcher->notifications(), notifications);
  EXPECT_EQ(t.executor.woken(), 1U);
}

TEST_F(FutureTableCallInTest, GaugesFollow) {
  EXPECT_EQ(t.table.stats().running, 4U);
  t.time.advance(2ms);
  EXPECT_EQ(t.table.stats().running, 1U);
  EXPECT_EQ(t.table.executors()[0].pending, 2U);
}

TEST(FutureTableTickTest, YoungLeaseWaitsForTheNextTick) {
  TestTable t;
  t.learn_that_it_is_quick();
  // The ticks come every 2 ms from the first lease on.
  t.time.advance(10ms);
  auto lease = t.submit_and_take(1);
  t.time.advance(1500us);
  t.executor.run(lease);
  lease = t.submit_and_take(2);
  t.executor.begin(*lease, 0);
  t.time.advance(500us);
  EXPECT_EQ(t.state(2), State::kPending);
  t.time.advance(2ms);
  EXPECT_EQ(t.state(2), State::kRunning);
}

TEST(FutureTableTickTest, NoTicksWhileNothingIsLent) {
  TestTable t({}, {.retention = 1h});
  EXPECT_EQ(t.time.scheduled(), 0U);
  t.submit_and_run(1);
  t.time.advance(10ms);
  // The end of its retention alone is waited for.
  EXPECT_EQ(t.time.scheduled(), 1U);
  t.time.advance(1h);
  EXPECT_FALSE(t.exists(1));
  EXPECT_EQ(t.time.scheduled(), 0U);
}

TEST(FutureTableTickTest, NoTicksForALeaseThatWasCalledIn) {
  TestTable t;
  const auto lease = t.submit_and_take(1);
  t.executor.begin(*lease, 0);
  t.time.advance(10ms);
  EXPECT_EQ(t.time.scheduled(), 0U);
}

}  // namespace
}  // namespace futured::core
