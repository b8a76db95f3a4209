// Batch: what a worker says besides results: what it begins, and how far it is.
#include <gmock/gmock.h>

#include <limits>
#include <optional>
#include <string>

#include "tests/exec/batch_under_test.h"

namespace futured::testing {
namespace {

using ::testing::HasSubstr;

// A worker that has no ledger is told of one task at a time.
class SingleBatchTest : public BatchTest {
 protected:
  SingleBatchTest() { batch_.use({&claim_, 1}, false); }
  std::string start(std::uint32_t index) {
    worker::v1::Started started;
    started.set_batch(told_.number());
    started.set_index(index);
    return batch_.started(started);
  }

  core::Claim claim_;
};

TEST_F(SingleBatchTest, EachPieceIsOneTask) {
  hold(2);
  ASSERT_TRUE(next());
  EXPECT_EQ(told_.calls_size(), 1);
  EXPECT_EQ(start(0), "");
  EXPECT_EQ(report(0, {"value"}), "");
  ASSERT_TRUE(next());
  EXPECT_EQ(told_.number(), 2U);
}

TEST_F(SingleBatchTest, ResultBeforeStartBreaksTheProtocol) {
  hold(1);
  ASSERT_TRUE(next());
  EXPECT_THAT(report(0, {"value"}), HasSubstr("which it had not begun"));
}

TEST_F(SingleBatchTest, StartOutOfTurnBreaksTheProtocol) {
  hold(2);
  ASSERT_TRUE(next());
  EXPECT_THAT(start(1), HasSubstr("not its next"));
  EXPECT_EQ(start(0), "");
  EXPECT_THAT(start(0), HasSubstr("twice"));
  EXPECT_EQ(report(0, {"value"}), "");
  EXPECT_THAT(start(0), HasSubstr("not its next"));
}

TEST_F(SingleBatchTest, WhatWasPromisedIsTheWorkersUntilItIsGone) {
  hold(2);
  ASSERT_TRUE(next());
  EXPECT_NE(cancel(1), core::CancelEffect::kCancelled);
  batch_.abandon([](std::size_t) { return false; }, [](std::size_t) { return core::Outcome::cancelled(); });
  EXPECT_EQ(state(1), core::State::kPending);
  EXPECT_EQ(cancel(1), core::CancelEffect::kCancelled);
  bench_.executor.run_all();
}

// --- Progress.

class BatchProgressTest : public BatchTest {
 protected:
  std::string tell(std::uint32_t index, double fraction, const std::string& message = "") {
    return tell_of(told_.number(), index, fraction, message);
  }
  std::string tell_of(std::uint64_t batch, std::uint32_t index, double fraction, const std::string& message = "") {
    worker::v1::Progress progress;
    progress.set_batch(batch);
    progress.set_index(index);
    progress.set_fraction(fraction);
    progress.set_message(message);
    return batch_.progress(progress);
  }
  std::optional<core::Progress> shown(std::uint64_t counter) { return bench_.snapshot(counter).progress; }
};

TEST_F(BatchProgressTest, ThatOfATaskThatRunsIsShown) {
  hold(2);
  ASSERT_TRUE(next());
  ASSERT_TRUE(begin(0));
  EXPECT_EQ(tell(0, 0.5, "half"), "");
  EXPECT_EQ(state(1), core::State::kRunning);
  ASSERT_TRUE(shown(1));
  EXPECT_EQ(shown(1)->fraction, 0.5);
  EXPECT_EQ(shown(1)->message, "half");
  EXPECT_FALSE(shown(2));
}

// Results of those before it may wait in the journal.
TEST_F(BatchProgressTest, TaskWhoseNeighboursAreNotReportedMayTell) {
  hold(3);
  ASSERT_TRUE(next());
  for (const std::size_t i : {0U, 1U, 2U}) ASSERT_TRUE(begin(i));
  EXPECT_EQ(tell(2, 0.5), "");
  EXPECT_TRUE(shown(3));
  EXPECT_EQ(report(0, {"a", "b", "c"}), "");
  give_back();
  EXPECT_FALSE(shown(3));
}

TEST_F(BatchProgressTest, ThatOfATaskThatDoesNotRunBreaksTheProtocol) {
  hold(3);
  ASSERT_TRUE(next());
  EXPECT_THAT(tell(0, 0.5), HasSubstr("task 0 of batch 1, which does not run"));
  ASSERT_TRUE(begin(0));
  EXPECT_THAT(tell(1, 0.5), HasSubstr("which does not run"));
  EXPECT_THAT(tell(3, 0.5), HasSubstr("which does not run"));
  EXPECT_THAT(tell_of(2, 0, 0.5), HasSubstr("task 0 of batch 2, which does not run"));
  ASSERT_TRUE(begin(1));
  EXPECT_EQ(report(0, {"value"}), "");
  EXPECT_THAT(tell(0, 0.5), HasSubstr("which does not run"));
  EXPECT_FALSE(shown(1));
}

TEST_F(BatchProgressTest, WorkerCannotTellMoreThanMayBeShown) {
  hold(1);
  ASSERT_TRUE(next());
  ASSERT_TRUE(begin(0));
  EXPECT_EQ(tell(0, 7, std::string(1000, 'x')), "");
  EXPECT_EQ(shown(1)->fraction, 1);
  EXPECT_EQ(shown(1)->message, std::string(256, 'x'));
  EXPECT_EQ(tell(0, std::numeric_limits<double>::quiet_NaN(), "none"), "");
  EXPECT_EQ(shown(1)->fraction, 1);
}

}  // namespace
}  // namespace futured::testing
