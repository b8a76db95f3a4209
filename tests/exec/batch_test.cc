#include "server/exec/process/batch.h"

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/exec/batch_under_test.h"

namespace futured::testing {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(BatchTest, TellsOfEachTaskWhatTheWorkerNeeds) {
  hold(3, {.arguments = "abc"});
  ASSERT_TRUE(next());
  EXPECT_EQ(told_.number(), 1U);
  EXPECT_THAT(told_.functions(), ElementsAre("plain"));
  ASSERT_EQ(told_.calls_size(), 3);
  EXPECT_EQ(told_.calls(1).arguments(), "abc");
  EXPECT_EQ(told_.calls(1).attempt(), 1U);
  EXPECT_EQ(told_.calls(1).deadline(), 0);
  const std::string& id = told_.calls(1).id();
  ASSERT_EQ(id.size(), 16U);
  std::uint64_t high = 0;
  for (std::size_t i = 0; i < 8; ++i) high = high << 8 | static_cast<unsigned char>(id[i]);
  EXPECT_EQ(high, id_of(2).high);
}

TEST_F(BatchTest, PieceHasNoMoreTasksThanTheLedgerHasWords) {
  hold(20);
  ASSERT_TRUE(next());
  EXPECT_EQ(told_.calls_size(), 8);
}

TEST_F(BatchTest, PieceHasAboutAsManyBytesAsItMay) {
  hold(5, {.arguments = std::string(100, 'x')});
  ASSERT_TRUE(next(250));
  EXPECT_EQ(told_.calls_size(), 2);
}

TEST_F(BatchTest, TaskLargerThanAPieceGoesAlone) {
  hold(3, {.arguments = std::string(100, 'x')});
  ASSERT_TRUE(next(10));
  EXPECT_EQ(told_.calls_size(), 1);
}

TEST_F(BatchTest, PiecesFollowUntilEveryTaskHasItsResult) {
  hold(5, {.arguments = std::string(100, 'x')});
  std::vector<int> sizes;
  while (next(250)) {
    sizes.push_back(told_.calls_size());
    for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(told_.calls_size()); ++i) {
      EXPECT_TRUE(begin(i));
      EXPECT_EQ(report(i, {"value"}), "");
    }
    EXPECT_FALSE(batch_.waiting());
  }
  EXPECT_THAT(sizes, ElementsAre(2, 2, 1));
  give_back();
  for (std::uint64_t i = 1; i <= 5; ++i) EXPECT_EQ(state(i), core::State::kSucceeded);
}

TEST_F(BatchTest, WhatWasCancelledBeforeIsNotTold) {
  hold(3);
  EXPECT_EQ(cancel(2), core::CancelEffect::kCancelled);
  ASSERT_TRUE(next());
  EXPECT_EQ(told_.calls_size(), 2);
}

TEST_F(BatchTest, NothingIsToldWhenAllWasCancelled) {
  hold(2);
  cancel(1);
  cancel(2);
  EXPECT_FALSE(next());
  give_back();
  EXPECT_EQ(state(1), core::State::kCancelled);
}

TEST_F(BatchTest, WhatIsCancelledLaterCannotBeginAndIsSkipped) {
  hold(2);
  ASSERT_TRUE(next());
  EXPECT_EQ(cancel(2), core::CancelEffect::kCancelled);
  EXPECT_TRUE(begin(0));
  EXPECT_FALSE(begin(1));
  EXPECT_EQ(report(0, {"value"}), "");
  worker::v1::Results skipped = results_of(told_.number(), 1, {});
  skipped.add_results()->mutable_skipped();
  EXPECT_EQ(batch_.results(skipped), "");
  EXPECT_FALSE(batch_.waiting());
}

TEST_F(BatchTest, WhatHasBegunIsNotCancelled) {
  hold(2);
  ASSERT_TRUE(next());
  EXPECT_TRUE(begin(0));
  EXPECT_EQ(cancel(1), core::CancelEffect::kRunning);
}

TEST_F(BatchTest, SkippingWhatWasNotTakenBackBreaksTheProtocol) {
  hold(1);
  ASSERT_TRUE(next());
  worker::v1::Results skipped = results_of(told_.number(), 0, {});
  skipped.add_results()->mutable_skipped();
  EXPECT_THAT(batch_.results(skipped), HasSubstr("skipped task 0 of batch 1 unasked"));
}

TEST_F(BatchTest, ResultOfWhatHadNotBegunBreaksTheProtocol) {
  hold(2);
  ASSERT_TRUE(next());
  EXPECT_THAT(report(0, {"value"}), HasSubstr("which it had not begun"));
  EXPECT_NE(state(1), core::State::kSucceeded);
}

TEST_F(BatchTest, ResultsOutOfTurnBreakTheProtocol) {
  hold(3);
  ASSERT_TRUE(next());
  for (std::size_t i = 0; i < 3; ++i) begin(i);
  EXPECT_THAT(report(1, {"too early"}), HasSubstr("not the next"));
  EXPECT_THAT(report(0, {"1", "2", "3", "too many"}), HasSubstr("not the next"));
  EXPECT_THAT(batch_.results(results_of(told_.number() + 1, 0, {"another batch"})), HasSubstr("not the next"));
  EXPECT_EQ(report(0, {"good"}), "");
  EXPECT_THAT(report(0, {"again"}), HasSubstr("not the next"));
}

TEST_F(BatchTest, ResultsWithoutAnyBreakTheProtocol) {
  hold(2);
  ASSERT_TRUE(next());
  EXPECT_THAT(report(0, {}), HasSubstr("0 results"));
}

TEST_F(BatchTest, ResultWithoutOutcomeBreaksTheProtocol) {
  hold(1);
  ASSERT_TRUE(next());
  begin(0);
  worker::v1::Results results = results_of(told_.number(), 0, {});
  results.add_results()->set_start_time(1);
  EXPECT_THAT(batch_.results(results), HasSubstr("without an outcome"));
}

TEST_F(BatchTest, ErrorsAndCancellationsAreOutcomes) {
  hold(2);
  ASSERT_TRUE(next());
  begin(0);
  begin(1);
  worker::v1::Results results = results_of(told_.number(), 0, {});
  results.add_results()->mutable_error()->set_message("broken");
  results.add_results()->mutable_cancelled();
  EXPECT_EQ(batch_.results(results), "");
  give_back();
  EXPECT_EQ(state(1), core::State::kFailed);
  EXPECT_EQ(state(2), core::State::kCancelled);
  const auto error = bench_.snapshot(1).outcome.error;
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->message, "broken");
  EXPECT_EQ(error->worker, "process-1");
  EXPECT_EQ(error->attempt, 1U);
}

TEST_F(BatchTest, ExceptionThatWasSentIsPartOfTheErrorUnlessItIsTooLarge) {
  hold(2);
  ASSERT_TRUE(next());
  worker::v1::Results results = results_of(told_.number(), 0, {});
  for (const std::size_t i : {0U, 1U}) {
    begin(i);
    auto& exception = *results.add_results()->mutable_error()->mutable_exception();
    exception.set_codec("pickle5");
    exception.set_data(std::string(kMaxValueSize + i, 'x'));
  }
  EXPECT_EQ(batch_.results(results), "");
  give_back();
  const auto error = bench_.snapshot(1).outcome.error;
  ASSERT_NE(error->exception, nullptr);
  EXPECT_EQ(error->exception->codec, "pickle5");
  EXPECT_EQ(error->exception->data.size(), kMaxValueSize);
  EXPECT_EQ(bench_.snapshot(2).outcome.error->exception, nullptr);
}

TEST_F(BatchTest, TimesAreThoseOfTheWorkerWithinReason) {
  hold(3);
  const core::Time told = bench_.time.now();
  ASSERT_TRUE(next());
  for (std::size_t i = 0; i < 3; ++i) begin(i);
  bench_.time.advance(10s);
  worker::v1::Results results = results_of(told_.number(), 0, {"good", "too early", "too late"});
  const auto set_times = [&](int i, core::Time start, core::Time finish) {
    results.mutable_results(i)->set_start_time(start.time_since_epoch().count());
    results.mutable_results(i)->set_finish_time(finish.time_since_epoch().count());
  };
  set_times(0, told + 1s, told + 2s);
  set_times(1, core::Time::min(), core::Time());
  set_times(2, core::Time::max(), told + 1h);
  EXPECT_EQ(batch_.results(results), "");
  give_back();
  EXPECT_EQ(bench_.snapshot(1).started, told + 1s);
  EXPECT_EQ(bench_.snapshot(1).finished, told + 2s);
  EXPECT_EQ(bench_.snapshot(2).started, told);
  EXPECT_EQ(bench_.snapshot(2).finished, told);
  EXPECT_EQ(bench_.snapshot(3).started, told + 10s);
  EXPECT_EQ(bench_.snapshot(3).finished, told + 10s);
}

TEST_F(BatchTest, StartedIsNotForWorkersWithALedger) {
  hold(1);
  ASSERT_TRUE(next());
  worker::v1::Started started;
  started.set_batch(told_.number());
  EXPECT_THAT(batch_.started(started), HasSubstr("uses the ledger"));
}

TEST_F(BatchTest, AbandonedTasksEndIfTheyHadBegunAndElseRunAgain) {
  hold(3);
  ASSERT_TRUE(next());
  begin(0);
  EXPECT_EQ(report(0, {"value"}), "");
  begin(1);
  std::vector<std::size_t> lost;
  batch_.abandon([](std::size_t) { return false; },
                 [&](std::size_t entry) {
                   lost.push_back(entry);
                   return core::Outcome::cancelled();
                 });
  EXPECT_THAT(lost, ElementsAre(1));
  EXPECT_EQ(state(1), core::State::kSucceeded);
  EXPECT_EQ(state(2), core::State::kCancelled);
  EXPECT_EQ(state(3), core::State::kPending);
  bench_.executor.run_all();
  EXPECT_EQ(state(3), core::State::kSucceeded);
}

TEST_F(BatchTest, TaskWhoseClaimWasSpoiledCountsAsBegun) {
  hold(2);
  ASSERT_TRUE(next());
  // What no swap of either side can bring about.
  ledger_[0].note_begun(told_.number() + 1);
  ledger_[1].hand_over(told_.number());
  ASSERT_TRUE(ledger_[1].take_back(told_.number()));
  std::vector<std::size_t> lost;
  batch_.abandon([](std::size_t) { return false; },
                 [&](std::size_t entry) {
                   lost.push_back(entry);
                   return core::Outcome::cancelled();
                 });
  EXPECT_THAT(lost, ElementsAre(0, 1));
  EXPECT_EQ(state(1), core::State::kCancelled);
  EXPECT_EQ(state(2), core::State::kCancelled);
}

TEST_F(BatchTest, PromisedTaskThatWasForcedEndsAndTheOthersRunAgain) {
  core::Claim claim;
  batch_.use({&claim, 1}, false);
  hold(2);
  ASSERT_TRUE(next());
  batch_.abandon([](std::size_t) { return true; }, [](std::size_t) { return core::Outcome::cancelled(); });
  EXPECT_EQ(state(1), core::State::kCancelled);
  EXPECT_EQ(state(2), core::State::kPending);
  bench_.executor.run_all();
  EXPECT_EQ(state(2), core::State::kSucceeded);
}

TEST_F(BatchTest, WorkerIsHeldAtTheTaskThatItIsInside) {
  hold(3);
  ASSERT_TRUE(next());
  begin(0);
  EXPECT_TRUE(batch_.hold_at(0));
  EXPECT_FALSE(begin(1));
  EXPECT_FALSE(begin(2));
  EXPECT_EQ(report(0, {"value"}), "");
  give_back();
  bench_.executor.run_all();
  EXPECT_EQ(state(3), core::State::kSucceeded);
}

TEST_F(BatchTest, WorkerThatIsFurtherIsNotInsideTheTask) {
  hold(3);
  ASSERT_TRUE(next());
  begin(0);
  begin(1);
  EXPECT_FALSE(batch_.hold_at(0));
  EXPECT_TRUE(batch_.hold_at(1));
  EXPECT_EQ(report(0, {"a", "b"}), "");
  EXPECT_FALSE(batch_.hold_at(1));
  give_back();
  bench_.executor.run_all();
}

TEST_F(BatchTest, ValueAboveTheLimitIsAnErrorOfItsTask) {
  hold(1);
  ASSERT_TRUE(next());
  begin(0);
  EXPECT_EQ(report(0, {std::string(kMaxValueSize + 1, 'x')}), "");
  give_back();
  const core::Outcome outcome = bench_.snapshot(1).outcome;
  ASSERT_EQ(outcome.state, core::State::kFailed);
  EXPECT_EQ(outcome.error->origin, core::Origin::kLimit);
  EXPECT_THAT(outcome.error->message, HasSubstr("1001 bytes, the limit is 1000"));
}

TEST_F(BatchTest, RecoveredResultsCountOnce) {
  hold(4);
  ASSERT_TRUE(next());
  for (std::size_t i = 0; i < 3; ++i) begin(i);
  EXPECT_EQ(report(0, {"a"}), "");
  batch_.recovered(results_of(told_.number(), 0, {"x", "b"}));
  batch_.recovered(results_of(told_.number(), 1, {"y", "c"}));
  // Of another batch, behind a gap, of what had not begun.
  batch_.recovered(results_of(told_.number() + 1, 3, {"z"}));
  batch_.recovered(results_of(told_.number(), 4, {"z"}));
  batch_.recovered(results_of(told_.number(), 3, {"z"}));
  batch_.abandon([](std::size_t) { return false; }, [](std::size_t) { return core::Outcome::cancelled(); });
  EXPECT_EQ(bench_.snapshot(1).outcome.value.view(), "a");
  EXPECT_EQ(bench_.snapshot(2).outcome.value.view(), "b");
  EXPECT_EQ(bench_.snapshot(3).outcome.value.view(), "c");
  EXPECT_EQ(state(4), core::State::kPending);
  bench_.executor.run_all();
}

TEST_F(BatchTest, PlaceIsThatOfATaskWhoseResultIsMissing) {
  hold(2);
  EXPECT_EQ(batch_.place_of(*batch_.lease(), 0).index, -1);
  ASSERT_TRUE(next());
  EXPECT_EQ(batch_.place_of(*batch_.lease(), 1).index, 1);
  EXPECT_EQ(batch_.place_of(*batch_.lease(), 1).number, 1U);
  begin(0);
  EXPECT_EQ(report(0, {"value"}), "");
  EXPECT_EQ(batch_.place_of(*batch_.lease(), 0).index, -1);
  const core::Lease other(2);
  EXPECT_EQ(batch_.place_of(other, 1).index, -1);
}

TEST_F(BatchTest, WorkerIsIdleSinceItLastReportedUntilItBegins) {
  hold(2);
  EXPECT_EQ(batch_.idle_since(), std::nullopt);
  ASSERT_TRUE(next());
  const core::Time told = bench_.time.now();
  bench_.time.advance(1ms);
  EXPECT_EQ(batch_.idle_since(), told);
  EXPECT_EQ(batch_.begun(), 0U);
  begin(0);
  EXPECT_EQ(batch_.idle_since(), std::nullopt);
  EXPECT_EQ(report(0, {"value"}), "");
  EXPECT_EQ(batch_.idle_since(), told + 1ms);
  EXPECT_EQ(batch_.begun(), 1U);
  begin(1);
  EXPECT_EQ(report(1, {"value"}), "");
  EXPECT_EQ(batch_.idle_since(), std::nullopt);
}

TEST_F(BatchTest, LogLinesAreOfATaskOfThePiece) {
  EXPECT_EQ(batch_.find(1, 0), nullptr);
  hold(2);
  ASSERT_TRUE(next());
  ASSERT_NE(batch_.find(1, 1), nullptr);
  EXPECT_EQ(batch_.find(1, 1)->id, id_of(2));
  EXPECT_EQ(batch_.find(1, 2), nullptr);
  EXPECT_EQ(batch_.find(2, 0), nullptr);
}

}  // namespace
}  // namespace futured::testing
