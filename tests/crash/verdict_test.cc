// The judge of the crash tests finds what it is there to find.
#include "tests/crash/verdict.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/crash/tasks.h"

namespace futured::crash {
namespace {

constexpr std::uint64_t kTask = 1;
constexpr std::uint64_t kFailing = 5;
constexpr std::uint64_t kToCancel = 9;

Fact accepted(std::uint64_t key, std::uint64_t at = 10) { return {key, at, Entry::kAccepted}; }
Fact outcome(std::uint64_t key, Result result = Result::kRightValue, std::uint64_t digest = 1, std::uint64_t at = 20) {
  return {key, at, Entry::kOutcome, result, digest};
}
Fact life(std::uint64_t at) { return {0, at, Entry::kLife}; }

Verdict verdict_on(std::vector<Fact> facts, std::vector<Execution> executions) { return judge(facts, executions); }

TEST(Verdict, WhatIsPromisedHolds) {
  const auto verdict = verdict_on({life(1),
                                   accepted(kTask),
                                   outcome(kTask),
                                   life(30),
                                   outcome(kTask),
                                   accepted(kFailing),
                                   outcome(kFailing, Result::kOwnError),
                                   {kTask, 40, Entry::kReleasing},
                                   {kTask, 50, Entry::kUnknown}},
                                  {{kTask, 12, 1}, {kFailing, 12, 1}});
  EXPECT_TRUE(verdict.holds()) << describe(verdict);
  EXPECT_EQ(verdict.accepted, 2u);
  EXPECT_EQ(verdict.finished, 2u);
  EXPECT_EQ(verdict.told_again, 1u);
}

TEST(Verdict, AFutureWithoutOutcomeIsLost) { EXPECT_EQ(verdict_on({accepted(kTask)}, {{kTask, 12, 1}}).lost, 1u); }

TEST(Verdict, AFutureThatIsUnknownIsLostUnlessItWasReleased) {
  const Fact unknown{kTask, 30, Entry::kUnknown};
  const Fact releasing{kTask, 25, Entry::kReleasing};
  EXPECT_EQ(verdict_on({accepted(kTask), outcome(kTask), unknown, releasing}, {{kTask, 12, 1}}).lost, 1u);
  EXPECT_EQ(verdict_on({accepted(kTask), outcome(kTask), releasing, unknown}, {{kTask, 12, 1}}).lost, 0u);
}

TEST(Verdict, WhatWasNeverAcknowledgedMayBeGone) { EXPECT_TRUE(verdict_on({}, {{kTask, 12, 1}}).holds()); }

TEST(Verdict, ASecondOutcomeMustBeTheFirst) {
  const std::vector<Execution> once{{kTask, 12, 1}};
  EXPECT_EQ(verdict_on({accepted(kTask), outcome(kTask), outcome(kTask, Result::kRightValue, 2)}, once).two_outcomes,
            1u);
  EXPECT_EQ(verdict_on({accepted(kTask), outcome(kTask), outcome(kTask, Result::kDaemonRestarted)}, once).two_outcomes,
            1u);
}

TEST(Verdict, AnOutcomeMustBeTheTasksOwn) {
  for (const Result result : {Result::kWrong, Result::kNone, Result::kOwnError, Result::kCancelled}) {
    EXPECT_EQ(verdict_on({accepted(kTask), outcome(kTask, result)}, {{kTask, 12, 1}}).wrong_outcomes, 1u);
  }
  EXPECT_EQ(verdict_on({accepted(kFailing), outcome(kFailing)}, {{kFailing, 12, 1}}).wrong_outcomes, 1u);
}

TEST(Verdict, ATaskRunsOnceInALife) {
  const std::vector<Fact> facts{accepted(kTask), outcome(kTask)};
  EXPECT_EQ(verdict_on(facts, {{kTask, 12, 1}, {kTask, 13, 1}}).wrong_executions, 1u);
  const auto again = verdict_on(facts, {{kTask, 12, 1}, {kTask, 13, 2}});
  EXPECT_TRUE(again.holds()) << describe(again);
  EXPECT_EQ(again.repeated, 1u);
}

TEST(Verdict, ATaskDoesNotRunAfterItsOutcomeWasTold) {
  EXPECT_EQ(verdict_on({accepted(kTask), outcome(kTask)}, {{kTask, 12, 1}, {kTask, 21, 2}}).wrong_executions, 1u);
}

TEST(Verdict, AResultNeedsAnExecution) {
  EXPECT_EQ(verdict_on({accepted(kTask), outcome(kTask)}, {}).wrong_executions, 1u);
}

TEST(Verdict, WhatWasCancelledDoesNotRun) {
  const std::vector<Fact> facts{
      life(1), accepted(kToCancel), {kToCancel, 15, Entry::kCancelled}, outcome(kToCancel, Result::kCancelled)};
  EXPECT_TRUE(verdict_on(facts, {}).holds());
  EXPECT_EQ(verdict_on(facts, {{kToCancel, 12, 1}}).wrong_executions, 1u);
  EXPECT_EQ(verdict_on(facts, {{kToCancel, 18, 2}}).wrong_executions, 1u);
}

TEST(Verdict, AnExecutionThatWasLostWithAnEarlierLifeDoesNotForbidCancelling) {
  const auto verdict = verdict_on({life(1),
                                   accepted(kToCancel),
                                   life(14),
                                   {kToCancel, 15, Entry::kCancelled},
                                   outcome(kToCancel, Result::kCancelled)},
                                  {{kToCancel, 12, 1}});
  EXPECT_TRUE(verdict.holds()) << describe(verdict);
}

TEST(Verdict, WhatWasCancelledHasNoOtherOutcome) {
  EXPECT_EQ(verdict_on({life(1), accepted(kToCancel), {kToCancel, 15, Entry::kCancelled}, outcome(kToCancel)}, {})
                .two_outcomes,
            1u);
}

}  // namespace
}  // namespace futured::crash
