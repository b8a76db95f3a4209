// FutureTable: how far running functions say they are.
#include <gtest/gtest.h>

#include "server/core/future_table.h"
#include "tests/core/test_table.h"

namespace futured::core {
namespace {

using testing::RecordingSubscriber;
using testing::TestTable;
using namespace std::chrono_literals;

TEST(FutureTableProgressTest, LastOneIsShownWithItsTime) {
  TestTable t;
  const auto lease = t.submit_and_take(1);
  t.executor.begin(*lease, 0);
  EXPECT_FALSE(t.snapshot(1).progress);
  t.table.report_progress(*lease, 0, {0.25, "reading"});
  t.time.advance(3s);
  t.table.report_progress(*lease, 0, {0.5, "writing"});
  const auto progress = t.snapshot(1).progress;
  ASSERT_TRUE(progress);
  EXPECT_EQ(progress->fraction, 0.5);
  EXPECT_EQ(progress->message, "writing");
  EXPECT_EQ(progress->reported, t.time.now());
  const auto listed = t.table.list(kDaemonAccount, {}, 10);
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed[0].progress->fraction, 0.5);
}

TEST(FutureTableProgressTest, OneThatTellsItIsKnownToRun) {
  TestTable t;
  const auto watcher = RecordingSubscriber::add(t.table);
  const auto lease = t.submit_and_take(1, {.watcher = watcher->id()});
  t.executor.begin(*lease, 0);
  ASSERT_EQ(t.state(1), State::kPending);
  t.table.report_progress(*lease, 0, {0.5, ""});
  EXPECT_EQ(t.state(1), State::kRunning);
  const auto events = watcher->drain(t.table);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].kind, Event::Kind::kStarted);
}

TEST(FutureTableProgressTest, IsThatOfOneFuture) {
  TestTable t;
  t.learn_that_it_is_quick();
  ASSERT_TRUE(t.submit({1, 2}));
  const auto lease = t.executor.come();
  ASSERT_EQ(lease->size(), 2U);
  for (const std::size_t i : {0U, 1U}) t.executor.begin(*lease, i);
  t.table.report_progress(*lease, 1, {0.5, ""});
  EXPECT_FALSE(t.snapshot(1).progress);
  EXPECT_TRUE(t.snapshot(2).progress);
}

TEST(FutureTableProgressTest, OneThatHasNotBegunHasNone) {
  TestTable t;
  const auto lease = t.submit_and_take(1);
  t.table.report_progress(*lease, 0, {0.5, ""});
  EXPECT_EQ(t.state(1), State::kPending);
  EXPECT_FALSE(t.snapshot(1).progress);
}

TEST(FutureTableProgressTest, EndsWithTheFuture) {
  TestTable t;
  const auto lease = t.submit_and_take(1);
  t.executor.begin(*lease, 0);
  t.table.report_progress(*lease, 0, {0.5, ""});
  t.executor.end(*lease, 0);
  t.table.report_progress(*lease, 0, {0.75, "between the end and its report"});
  t.executor.exchange(lease);
  EXPECT_FALSE(t.snapshot(1).progress);
  t.table.report_progress(*lease, 0, {1, "late"});
  EXPECT_EQ(t.state(1), State::kSucceeded);
  EXPECT_FALSE(t.snapshot(1).progress);
}

TEST(FutureTableProgressTest, FutureThatEndedBeforeItsFunctionHasNone) {
  TestTable t;
  const auto lease = t.submit_and_take(1, {.timeout = 5s});
  t.executor.begin(*lease, 0);
  t.table.report_progress(*lease, 0, {0.5, ""});
  t.time.advance(5s);
  ASSERT_EQ(t.state(1), State::kFailed);
  EXPECT_FALSE(t.snapshot(1).progress);
  t.table.report_progress(*lease, 0, {0.75, "goes on"});
  EXPECT_FALSE(t.snapshot(1).progress);
}

TEST(FutureTableProgressTest, LateOneIsNotThatOfTheNextFutureInItsPlace) {
  TestTable t({.max_workers = 2});
  const auto old_lease = t.submit_and_take(1, {.timeout = 5s});
  t.executor.begin(*old_lease, 0);
  t.time.advance(5s);
  t.forget(1);
  const auto lease = t.submit_and_take(2);
  ASSERT_EQ((*lease)[0].slot, (*old_lease)[0].slot);
  t.executor.begin(*lease, 0);
  t.table.report_progress(*old_lease, 0, {0.75, "late"});
  EXPECT_FALSE(t.snapshot(2).progress);
  t.table.report_progress(*lease, 0, {0.5, ""});
  EXPECT_EQ(t.snapshot(2).progress->fraction, 0.5);
}

TEST(FutureTableProgressTest, CoroutineTellsItAfterItsLeaseWasGivenBack) {
  TestTable t;
  const auto lease = t.submit_and_take(1, {.function = "coroutine"});
  t.executor.begin(*lease, 0);
  t.executor.exchange(lease);
  t.table.report_progress(*lease, 0, {0.5, ""});
  EXPECT_EQ(t.snapshot(1).progress->fraction, 0.5);
  t.executor.finish(*lease, 0);
  EXPECT_FALSE(t.snapshot(1).progress);
}

}  // namespace
}  // namespace futured::core
