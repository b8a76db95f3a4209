// FutureTable: cancelling in every phase of a future.
#include <gtest/gtest.h>

#include <vector>

#include "server/core/future_table.h"
#include "tests/core/test_table.h"

namespace futured::core {
namespace {

using testing::id_of;
using testing::RecordingSubscriber;
using testing::TestTable;
using namespace std::chrono_literals;

TEST(FutureTableCancelTest, PendingOneNeverRuns) {
  TestTable t;
  ASSERT_TRUE(t.submit({1, 2}));
  EXPECT_EQ(t.cancel(1), CancelEffect::kCancelled);
  EXPECT_EQ(t.state(1), State::kCancelled);
  EXPECT_EQ(t.snapshot(1).finished, t.time.now());
  EXPECT_FALSE(t.snapshot(1).started);
  const auto lease = t.executor.come();
  EXPECT_EQ((*lease)[0].id, id_of(2));
  EXPECT_EQ(t.executor.run(lease), nullptr);
}

// semantics 52, 109
TEST(FutureTableCancelTest, CancelPendingFutureNotifiesWatcher) {
  TestTable t;
  const auto watcher = RecordingSubscriber::add(t.table);
  ASSERT_TRUE(t.submit({1}, {.watcher = watcher->id()}));
  t.cancel(1);
  EXPECT_EQ(watcher->notifications(), 1U);
  const auto events = watcher->drain(t.table);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].outcome.state, State::kCancelled);
}

TEST(FutureTableCancelTest, CancelledOneIsCancelledAgain) {
  TestTable t;
  ASSERT_TRUE(t.submit({1}));
  EXPECT_EQ(t.cancel(1), CancelEffect::kCancelled);
  EXPECT_EQ(t.cancel(1), CancelEffect::kAlreadyCancelled);
  EXPECT_EQ(t.table.stats().cancelled, 1U);
}

TEST(FutureTableCancelTest, UnknownOneIsNotFound) {
  TestTable t;
  EXPECT_EQ(t.cancel(1), CancelEffect::kNotFound);
}

TEST(FutureTableCancelTest, FinishedOneStaysAsItIs) {
  TestTable t;
  t.submit_and_run(1, {}, Outcome::succeeded(Bytes("v")));
  EXPECT_EQ(t.cancel(1, CancelMode::kCooperative), CancelEffect::kFinished);
  EXPECT_EQ(t.snapshot(1).outcome.value.view(), "v");
}

TEST(FutureTableCancelTest, LentOneThatHasNotBegunNeverRuns) {
  TestTable t;
  const auto lease = t.submit_and_take(1);
  EXPECT_EQ(t.cancel(1), CancelEffect::kCancelled);
  EXPECT_EQ(t.state(1), State::kCancelled);
  EXPECT_FALSE(t.executor.begin(*lease, 0));
  EXPECT_EQ(t.table.stats().running, 0U);
  EXPECT_EQ(t.executor.exchange(lease), nullptr);
  EXPECT_EQ(t.table.stats().late, 0U);
}

TEST(FutureTableCancelTest, OneInTheMiddleOfALeaseLeavesTheOthers) {
  TestTable t;
  t.learn_that_it_is_quick();
  ASSERT_TRUE(t.submit({1, 2, 3}));
  const auto lease = t.executor.come();
  EXPECT_EQ(t.cancel(2), CancelEffect::kCancelled);
  t.executor.run(lease);
  EXPECT_EQ(t.state(1), State::kSucceeded);
  EXPECT_EQ(t.state(2), State::kCancelled);
  EXPECT_EQ(t.state(3), State::kSucceeded);
}

// semantics 101
TEST(FutureTableCancelTest, RunningOneIsLeftAloneInModePending) {
  TestTable t;
  const auto lease = t.submit_and_take(1);
  t.executor.begin(*lease, 0);
  EXPECT_EQ(t.cancel(1), CancelEffect::kRunning);
  EXPECT_EQ(t.state(1), State::kRunning);
  EXPECT_TRUE(t.executor.stops().empty());
  t.executor.end(*lease, 0);
  t.executor.exchange(lease);
  EXPECT_EQ(t.state(1), State::kSucceeded);
}

TEST(FutureTableCancelTest, RunningOneIsAskedToStopInModeCooperative) {
  TestTable t;
  const auto lease = t.submit_and_take(1);
  t.executor.begin(*lease, 0);
  EXPECT_EQ(t.cancel(1, CancelMode::kCooperative), CancelEffect::kStopRequested);
  EXPECT_EQ(t.state(1), State::kRunning);
  ASSERT_EQ(t.executor.stops().size(), 1U);
  EXPECT_EQ(t.executor.stops()[0].id, id_of(1));
  EXPECT_TRUE((*lease)[0].stop_requested.load());
  t.executor.end(*lease, 0, Outcome::cancelled());
  t.executor.exchange(lease);
  EXPECT_EQ(t.state(1), State::kCancelled);
}

TEST(FutureTableCancelTest, FunctionMayIgnoreTheRequest) {
  TestTable t;
  const auto lease = t.submit_and_take(1);
  t.executor.begin(*lease, 0);
  t.cancel(1, CancelMode::kCooperative);
  t.executor.end(*lease, 0, Outcome::succeeded(Bytes("v")));
  t.executor.exchange(lease);
  EXPECT_EQ(t.state(1), State::kSucceeded);
}

TEST(FutureTableCancelTest, FindingThatItRunsIsNews) {
  TestTable t;
  const auto watcher = RecordingSubscriber::add(t.table);
  const auto lease = t.submit_and_take(1, {.watcher = watcher->id()});
  t.executor.begin(*lease, 0);
  t.cancel(1);
  t.cancel(1);
  const auto events = watcher->drain(t.table);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].kind, Event::Kind::kStarted);
}

TEST(FutureTableCancelTest, OneThatIsDoneButNotReportedKeepsItsOutcome) {
  TestTable t;
  const auto watcher = RecordingSubscriber::add(t.table);
  const auto lease = t.submit_and_take(1, {.watcher = watcher->id()});
  t.executor.begin(*lease, 0);
  t.executor.end(*lease, 0, Outcome::succeeded(Bytes("v")));
  EXPECT_EQ(t.cancel(1), CancelEffect::kFinished);
  EXPECT_EQ(t.snapshot(1).outcome.value.view(), "v");
  EXPECT_EQ(t.executor.exchange(lease), nullptr);
  EXPECT_EQ(t.table.stats().succeeded, 1U);
  EXPECT_EQ(t.table.stats().late, 0U);
  EXPECT_EQ(watcher->drain(t.table).size(), 1U);
}

TEST(FutureTableCancelTest, OneThatCancelledItselfIsCancelled) {
  TestTable t;
  const auto lease = t.submit_and_take(1);
  t.executor.begin(*lease, 0);
  t.executor.end(*lease, 0, Outcome::cancelled());
  EXPECT_EQ(t.cancel(1), CancelEffect::kAlreadyCancelled);
}

TEST(FutureTableCancelTest, OneThatWasTakenBackIsPendingAgain) {
  TestTable t;
  t.learn_that_it_is_quick();
  ASSERT_TRUE(t.submit({1, 2}));
  const auto lease = t.executor.come();
  t.executor.begin(*lease, 0);
  t.time.advance(2ms);
  EXPECT_EQ(t.cancel(2), CancelEffect::kCancelled);
  EXPECT_EQ(t.table.executors()[0].pending, 0U);
}

TEST(FutureTableCancelTest, ManyAreAnsweredInTheirOrder) {
  TestTable t;
  t.submit_and_run(1);
  ASSERT_TRUE(t.submit({2, 3}));
  const FutureId ids[] = {id_of(3), id_of(9), id_of(1), id_of(3)};
  EXPECT_EQ(t.table.cancel(kDaemonAccount, ids, CancelMode::kPending),
            (std::vector<CancelEffect>{CancelEffect::kCancelled, CancelEffect::kNotFound, CancelEffect::kFinished,
                                       CancelEffect::kAlreadyCancelled}));
  EXPECT_EQ(t.state(2), State::kPending);
}

TEST(FutureTableCancelTest, AllOfASessionAreItsOwn) {
  constexpr SessionId kOther{testing::kSession.high, 0x9e5b};
  TestTable t;
  t.submit_and_run(1);
  ASSERT_TRUE(t.submit({2, 3}));
  ASSERT_TRUE(t.submit({4}, {.session = kOther}));
  const auto counts = t.table.cancel_all(kDaemonAccount, kOther, CancelMode::kPending);
  EXPECT_EQ(counts.cancelled, 1U);
  EXPECT_EQ(t.state(2), State::kPending);
  EXPECT_EQ(t.table.cancel_all(kDaemonAccount, testing::kSession, CancelMode::kPending).cancelled, 2U);
}

TEST(FutureTableCancelTest, AllMeansRunningOnesToo) {
  TestTable t;
  const auto lease = t.submit_and_take(1);
  t.executor.begin(*lease, 0);
  ASSERT_TRUE(t.submit({2, 3}));
  auto counts = t.table.cancel_all(kDaemonAccount, std::nullopt, CancelMode::kPending);
  EXPECT_EQ(counts.cancelled, 2U);
  EXPECT_EQ(counts.stop_requested, 0U);
  counts = t.table.cancel_all(kDaemonAccount, std::nullopt, CancelMode::kCooperative);
  EXPECT_EQ(counts.cancelled, 0U);
  EXPECT_EQ(counts.stop_requested, 1U);
  EXPECT_EQ(t.executor.stops().size(), 1U);
}

TEST(FutureTableCancelTest, AllIsManyStepsLong) {
  TestTable t;
  std::vector<std::uint64_t> counters;
  for (std::uint64_t counter = 1; counter <= 10'000; ++counter) counters.push_back(counter);
  ASSERT_TRUE(t.submit(counters));
  EXPECT_EQ(t.table.cancel_all(kDaemonAccount, testing::kSession, CancelMode::kPending).cancelled, 10'000U);
  EXPECT_EQ(t.table.stats().unfinished, 0U);
  EXPECT_EQ(t.table.executors()[0].pending, 0U);
}

TEST(FutureTableCancelTest, ArgumentsAreDropped) {
  TestTable t;
  ASSERT_TRUE(t.submit({1}, {.arguments = "abc"}));
  t.cancel(1);
  EXPECT_EQ(t.table.stats().unfinished_bytes, 0U);
  EXPECT_EQ(t.snapshot(1).arguments_size, 3U);
}

}  // namespace
}  // namespace futured::core
