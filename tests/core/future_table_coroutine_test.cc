// FutureTable: coroutines, which go on after their lease was given back.
#include <gtest/gtest.h>

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

// Begins everything of a lease and gives it back.
std::shared_ptr<Lease> begin_all(TestTable& t, const std::shared_ptr<Lease>& lease) {
  for (std::size_t i = 0; i < lease->size(); ++i) t.executor.begin(*lease, i);
  return t.executor.exchange(lease);
}

TEST(FutureTableCoroutineTest, RunsOnAfterItsLeaseIsGivenBack) {
  TestTable t;
  const auto watcher = RecordingSubscriber::add(t.table);
  const auto lease = t.submit_and_take(1, {.function = "coroutine", .watcher = watcher->id()});
  EXPECT_TRUE((*lease)[0].is_coroutine);
  EXPECT_EQ(begin_all(t, lease), nullptr);
  EXPECT_EQ(t.state(1), State::kRunning);
  EXPECT_EQ(watcher->drain(t.table).at(0).kind, Event::Kind::kStarted);
  t.executor.finish(*lease, 0, Outcome::succeeded(Bytes("v")));
  EXPECT_EQ(t.snapshot(1).outcome.value.view(), "v");
  EXPECT_EQ(watcher->drain(t.table).at(0).kind, Event::Kind::kFinished);
  EXPECT_EQ(t.table.stats().running, 0U);
}

TEST(FutureTableCoroutineTest, OneWorkerBeginsManyAtOnce) {
  TestTable t;
  ASSERT_TRUE(t.submit({1, 2, 3}, {.function = "coroutine"}));
  const auto lease = t.executor.come();
  EXPECT_EQ(counters_of(*lease), (Counters{1, 2, 3}));
  begin_all(t, lease);
  EXPECT_EQ(t.table.stats().running, 3U);
  for (const std::size_t i : {1U, 0U, 2U}) t.executor.finish(*lease, i);
  EXPECT_EQ(t.table.stats().succeeded, 3U);
}

TEST(FutureTableCoroutineTest, NoMoreThanTheLimitAreUnderWay) {
  TestTable t({.max_coroutines = 2});
  ASSERT_TRUE(t.submit({1, 2, 3}, {.function = "coroutine"}));
  const auto lease = t.executor.come();
  EXPECT_EQ(counters_of(*lease), (Counters{1, 2}));
  EXPECT_EQ(begin_all(t, lease), nullptr);
  EXPECT_EQ(t.executor.woken(), 0U);
  t.executor.finish(*lease, 1);
  ASSERT_EQ(t.executor.woken(), 1U);
  EXPECT_EQ(counters_of(*t.executor.come()), (Counters{3}));
}

TEST(FutureTableCoroutineTest, PlainFunctionsRunWhileCoroutinesAreSuspended) {
  TestTable t;
  const auto lease = t.submit_and_take(1, {.function = "coroutine"});
  begin_all(t, lease);
  t.submit_and_run(2);
  EXPECT_EQ(t.state(2), State::kSucceeded);
  EXPECT_EQ(t.state(1), State::kRunning);
}

TEST(FutureTableCoroutineTest, OneThatEndsBeforeItsLeaseIsReportedOnce) {
  TestTable t;
  const auto watcher = RecordingSubscriber::add(t.table);
  const auto lease = t.submit_and_take(1, {.function = "coroutine", .watcher = watcher->id()});
  t.executor.begin(*lease, 0);
  t.executor.finish(*lease, 0);
  EXPECT_EQ(t.state(1), State::kSucceeded);
  EXPECT_EQ(t.executor.exchange(lease), nullptr);
  EXPECT_EQ(watcher->drain(t.table).size(), 1U);
  EXPECT_EQ(t.table.stats().succeeded, 1U);
}

TEST(FutureTableCoroutineTest, OutcomeReportedByAnExchangeIsNotReportedAgain) {
  TestTable t;
  const auto lease = t.submit_and_take(1, {.function = "coroutine"});
  t.executor.begin(*lease, 0);
  t.executor.end(*lease, 0);
  t.executor.exchange(lease);
  t.table.finish(*lease, 0);
  EXPECT_EQ(t.table.stats().succeeded, 1U);
  EXPECT_EQ(t.table.stats().late, 0U);
  EXPECT_EQ(t.table.stats().running, 0U);
}

TEST(FutureTableCoroutineTest, RunningOneCanBeAskedToStop) {
  TestTable t;
  const auto lease = t.submit_and_take(1, {.function = "coroutine"});
  begin_all(t, lease);
  EXPECT_EQ(t.cancel(1), CancelEffect::kRunning);
  EXPECT_EQ(t.cancel(1, CancelMode::kCooperative), CancelEffect::kStopRequested);
  t.executor.finish(*lease, 0, Outcome::cancelled());
  EXPECT_EQ(t.state(1), State::kCancelled);
}

TEST(FutureTableCoroutineTest, TimeoutEndsItAndItsOutcomeIsLate) {
  TestTable t;
  const auto lease = t.submit_and_take(1, {.function = "coroutine", .timeout = 1s});
  begin_all(t, lease);
  t.time.advance(1s);
  EXPECT_EQ(t.state(1), State::kFailed);
  EXPECT_EQ(t.executor.stops().size(), 1U);
  t.executor.finish(*lease, 0);
  EXPECT_EQ(t.state(1), State::kFailed);
  EXPECT_EQ(t.table.stats().late, 1U);
  EXPECT_EQ(t.table.stats().running, 0U);
}

TEST(FutureTableCoroutineTest, CountsAgainstTheCapOfItsSession) {
  constexpr SessionId kOther{testing::kSession.high, 0x9e5b};
  TestTable t;
  t.table.open_session(kOther, 1, kDaemonAccount);
  ASSERT_TRUE(t.submit({1, 2}, {.function = "coroutine", .session = kOther}));
  const auto lease = t.executor.come();
  EXPECT_EQ(counters_of(*lease), (Counters{1}));
  EXPECT_EQ(begin_all(t, lease), nullptr);
  t.executor.finish(*lease, 0);
  ASSERT_EQ(t.executor.woken(), 1U);
  EXPECT_EQ(counters_of(*t.executor.come()), (Counters{2}));
}

TEST(FutureTableCoroutineTest, LimitsOnRetainedOutcomesHoldWithoutLeases) {
  TestTable t({.max_coroutines = 100}, {.max_retained = 10});
  Counters counters;
  for (std::uint64_t counter = 1; counter <= 100; ++counter) counters.push_back(counter);
  ASSERT_TRUE(t.submit(counters, {.function = "coroutine"}));
  std::vector<std::shared_ptr<Lease>> leases;
  for (auto lease = t.executor.come(); lease != nullptr; lease = begin_all(t, leases.back())) leases.push_back(lease);
  for (const auto& lease : leases) {
    for (std::size_t i = 0; i < lease->size(); ++i) {
      t.executor.finish(*lease, i);
      ASSERT_LE(t.table.stats().retained, 10U);
    }
  }
  EXPECT_EQ(t.table.stats().succeeded, 100U);
}

}  // namespace
}  // namespace futured::core
