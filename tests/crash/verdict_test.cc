// The judge of the crash tests finds what it is there to find.
#include "tests/crash/verdict.h"

#include <gmock/gmock.h>

#include <vector>

#include "tests/crash/tasks.h"

namespace futured::crash {
namespace {

constexpr std::uint64_t kTask = 17;
constexpr std::uint64_t kFailing = 21;
constexpr std::uint64_t kToCancel = 137;
constexpr std::uint64_t kOnce = 1;
static_assert(kind_of(kOnce) == Kind::kAtMostOnce && !fails(kOnce));
static_assert(kind_of(kTask) == Kind::kDefault && kind_of(kFailing) == Kind::kDefault && fails(kFailing));
static_assert(kind_of(kToCancel) == Kind::kDefault && is_cancelled(kToCancel));

Fact accepted(std::uint64_t key, std::uint64_t at = 10) { return {key, at, Entry::kAccepted}; }
Fact outcome(std::uint64_t key, Result result = Result::kRightValue, std::uint64_t digest = 1, std::uint64_t at = 20) {
  return {key, at, Entry::kOutcome, result, digest};
}
Fact own_error(std::uint64_t key) { return {key, 20, Entry::kOutcome, Result::kOwnError, 1, 1}; }
Fact life(std::uint64_t at) { return {0, at, Entry::kLife}; }

Verdict verdict_on(std::vector<Fact> facts, std::vector<Execution> executions) { return judge(facts, executions); }

TEST(Verdict, WhatIsPromisedHolds) {
  const auto verdict = verdict_on({life(1),
                                   accepted(kTask),
                                   outcome(kTask),
                                   life(30),
                                   outcome(kTask),
                                   accepted(kFailing),
                                   own_error(kFailing),
                                   {kTask, 40, Entry::kReleasing},
                                   {kTask, 50, Entry::kUnknown}},
                                  {{kTask, 12, 1}, {kFailing, 12, 1}});
  EXPECT_TRUE(verdict.holds()) << describe(verdict);
  EXPECT_EQ(verdict.accepted, 2u);
  EXPECT_EQ(verdict.finished, 2u);
  EXPECT_EQ(verdict.told_again, 1u);
}

TEST(Verdict, AFutureWithoutOutcomeIsLost) {
  EXPECT_EQ(verdict_on({accepted(kTask)}, {{kTask, 12, 1}}).unfinished, 1u);
}

TEST(Verdict, AFutureThatIsUnknownIsLostUnlessItWasReleased) {
  const Fact unknown{kTask, 30, Entry::kUnknown};
  const Fact releasing{kTask, 25, Entry::kReleasing};
  EXPECT_EQ(verdict_on({accepted(kTask), outcome(kTask), unknown, releasing}, {{kTask, 12, 1}}).unknown, 1u);
  EXPECT_EQ(verdict_on({accepted(kTask), outcome(kTask), releasing, unknown}, {{kTask, 12, 1}}).unknown, 0u);
}

TEST(Verdict, WhatWasNeverAcknowledgedMayBeGone) { EXPECT_TRUE(verdict_on({}, {{kTask, 12, 1}}).holds()); }

TEST(Verdict, WhatIsSeenAfterThePowerWasCutDoesNotCount) {
  const Fact cut{0, 15, Entry::kPowerCut};
  const Fact unknown{kTask, 40, Entry::kUnknown};
  const std::vector<Execution> twice{{kOnce, 18, 1}, {kOnce, 42, 2}};
  const auto heard_late = verdict_on({life(1), cut, accepted(kTask, 16), outcome(kTask), life(30), unknown}, {});
  EXPECT_TRUE(heard_late.holds()) << describe(heard_late);
  const auto again = verdict_on(
      {life(1), accepted(kOnce), cut, outcome(kOnce), life(30), outcome(kOnce, Result::kRightValue, 2, 50)}, twice);
  EXPECT_TRUE(again.holds()) << describe(again);
  EXPECT_EQ(verdict_on({life(1), accepted(kTask), cut, life(30), unknown}, {}).unknown, 1u);
}

TEST(Verdict, ASecondOutcomeMustBeTheFirst) {
  const std::vector<Execution> once{{kTask, 12, 1}};
  EXPECT_EQ(verdict_on({accepted(kTask), outcome(kTask), outcome(kTask, Result::kRightValue, 2)}, once).two_outcomes,
            1u);
  EXPECT_EQ(verdict_on({accepted(kTask), outcome(kTask), outcome(kTask, Result::kDaemonRestarted)}, once).two_outcomes,
            1u);
}

TEST(Verdict, AnOutcomeMustBeTheTasksOwn) {
  for (const Result result : {Result::kWrong, Result::kNone, Result::kOwnError, Result::kCancelled}) {
    EXPECT_GT(verdict_on({accepted(kTask), outcome(kTask, result)}, {{kTask, 12, 1}}).wrong_outcomes, 0u);
  }
  EXPECT_EQ(verdict_on({accepted(kFailing), outcome(kFailing)}, {{kFailing, 12, 1}}).wrong_outcomes, 1u);
}

TEST(Verdict, ATaskThatRunsAgainInAnotherLifeIsCounted) {
  const auto again = verdict_on({accepted(kTask), outcome(kTask)}, {{kTask, 12, 1}, {kTask, 13, 2}});
  EXPECT_TRUE(again.holds()) << describe(again);
  EXPECT_EQ(again.repeated, 1u);
}

TEST(Verdict, AResultNeedsAnExecution) {
  EXPECT_EQ(verdict_on({accepted(kTask), outcome(kTask)}, {}).wrong_outcomes, 1u);
}

TEST(Verdict, WhatWasToldAndIsNotToldAgainIsAViolation) {
  const auto verdict = verdict_on({accepted(kTask), outcome(kTask), {kTask, 30, Entry::kUntold}}, {{kTask, 12, 1}});
  EXPECT_EQ(verdict.untold, 1u);
  EXPECT_FALSE(verdict.holds());
}

// In two lives, the first of which begins each task.
std::vector<Fact> restarted(std::uint64_t futures, std::vector<Execution>& executions) {
  std::vector<Fact> facts{life(1), life(30)};
  for (std::uint64_t i = 0; i < futures; ++i) {
    const std::uint64_t key = pack({kThreadSession, 17 + 256 * i});
    facts.push_back(accepted(key));
    facts.push_back({key, 40, Entry::kOutcome, Result::kDaemonRestarted, 1, 1});
    executions.push_back({key, 20, 1});
  }
  return facts;
}

TEST(Verdict, AsManyAreRestartedAsThreadsWereRunning) {
  std::vector<Execution> executions;
  const auto possible = restarted(2 * kThreadWorkers, executions);
  const auto verdict = verdict_on(possible, executions);
  EXPECT_TRUE(verdict.holds()) << describe(verdict);
  EXPECT_EQ(verdict.restarted, 2 * kThreadWorkers);
  const auto too_many = restarted(2 * kThreadWorkers + 1, executions);
  EXPECT_EQ(verdict_on(too_many, executions).too_many_restarted, 1u);
}

TEST(Verdict, PendingFuturesThatAreRestartedAreAViolation) {
  std::vector<Execution> executions;
  const auto verdict = verdict_on(restarted(2 * kThreadWorkers + 1, executions), {});
  EXPECT_EQ(verdict.unexplained_on_threads, 2 * kThreadWorkers + 1);
  EXPECT_FALSE(verdict.holds());
}

TEST(Verdict, ARunThatMetTooLittleSaysSo) {
  std::vector<Execution> executions;
  const auto verdict = verdict_on(restarted(1, executions), executions);
  EXPECT_THAT(missing(verdict, 100),
              ::testing::IsSupersetOf({"acknowledged: 1 of 100", "acknowledged in session 1: 0 of 10",
                                       "acknowledged in session 2: 1 of 10", "told again: 0 of 10", "cancelled: 0 of 1",
                                       "repeated: 0 of 1", "retried: 0 of 1", "begun at most once: 0 of 1",
                                       "held by the record of the start: 0 of 1"}));
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
