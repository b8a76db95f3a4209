// Batch: what a worker says besides results: what it begins, how far it is, and what its tasks log.
#include <gmock/gmock.h>

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "tests/exec/batch_under_test.h"
#include "tests/support/log_of.h"

namespace futured::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

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

// --- Lines.

class BatchLogTest : public BatchTest {
 protected:
  worker::v1::WorkerLog line(std::uint32_t index, const std::string& text,
                             worker::v1::LogLevel level = worker::v1::LOG_LEVEL_INFO) const {
    worker::v1::WorkerLog log;
    log.set_batch(told_.number());
    log.set_index(index);
    log.set_level(level);
    log.set_text(text);
    return log;
  }
  std::vector<std::string> log(std::uint64_t counter) { return log_of(bench_.table, id_of(counter)); }
};

TEST_F(BatchLogTest, LinesOfATaskThatRunsAreKept) {
  hold(2);
  ASSERT_TRUE(next());
  ASSERT_TRUE(begin(0));
  batch_.log(line(0, "one"));
  batch_.log(line(0, "printed", worker::v1::LOG_LEVEL_STDOUT));
  batch_.log(line(0, "to stderr", worker::v1::LOG_LEVEL_STDERR));
  batch_.log(line(0, "of no known level", static_cast<worker::v1::LogLevel>(99)));
  EXPECT_THAT(log(1), ElementsAre("one", "printed", "to stderr", "of no known level"));
  const auto lines = news_of(bench_.table, id_of(1)).lines;
  EXPECT_EQ(lines[1].kind, core::LineKind::kOutput);
  EXPECT_EQ(lines[2].kind, core::LineKind::kErrors);
  EXPECT_EQ(lines[3].kind, core::LineKind::kInfo);
}

TEST_F(BatchLogTest, LinesOfTasksThatDoNotRunAreNoneOfTheirs) {
  hold(2);
  ASSERT_TRUE(next());
  batch_.log(line(0, "not begun"));
  ASSERT_TRUE(begin(0));
  batch_.log(line(2, "of no task"));
  worker::v1::WorkerLog other = line(0, "of another batch");
  other.set_batch(told_.number() + 1);
  batch_.log(other);
  EXPECT_EQ(report(0, {"value"}), "");
  batch_.log(line(0, "behind its result"));
  EXPECT_THAT(log(1), IsEmpty());
}

TEST_F(BatchLogTest, LinesThatWereDroppedAreCountedWithTheirTask) {
  hold(3);
  ASSERT_TRUE(next());
  for (const std::size_t i : {0U, 1U, 2U}) ASSERT_TRUE(begin(i));
  batch_.log(line(0, "one"));
  for (int i = 0; i < 5; ++i) batch_.drop_line(line(0, "too many"));
  batch_.log(line(0, "seven"));
  for (int i = 0; i < 3; ++i) batch_.drop_line(line(0, "too many"));
  EXPECT_EQ(report(0, {"value"}), "");
  batch_.log(line(1, "of the next"));
  batch_.drop_line(line(2, "of one that dies"));
  batch_.abandon([](std::size_t) { return false; }, [](std::size_t) { return core::Outcome::cancelled(); });
  EXPECT_THAT(log(1), ElementsAre("one", "seven"));
  EXPECT_EQ(news_of(bench_.table, id_of(1)).last_line, 10U);
  EXPECT_EQ(news_of(bench_.table, id_of(2)).last_line, 1U);
  EXPECT_EQ(news_of(bench_.table, id_of(3)).last_line, 1U);
}

}  // namespace
}  // namespace futured::testing
