// What the crash tests demand of one future.
#include "tests/crash/rules.h"

#include <gmock/gmock.h>

#include <chrono>
#include <utility>
#include <vector>

#include "tests/crash/tasks.h"

namespace futured::crash {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::uint64_t kTask = 17;
constexpr std::uint64_t kLongTask = 19;
constexpr std::uint64_t kOnce = 1;
constexpr std::uint64_t kNever = std::uint64_t{14} * 16;
constexpr std::uint64_t kExpiringTask = std::uint64_t{6} * 16;
constexpr std::uint64_t kRetryThatFails = std::uint64_t{2} * 16 + 1;
constexpr std::uint64_t kRetryAtTwo = std::uint64_t{2} * 16 + 2;
static_assert(kind_of(kOnce) == Kind::kAtMostOnce && kind_of(kNever) == Kind::kNeverDue);
static_assert(kind_of(kExpiringTask) == Kind::kExpiring && is_long(kLongTask));
static_assert(kind_of(kRetryThatFails) == Kind::kRetrying && fails(kRetryThatFails) && succeeds_at(kRetryAtTwo) == 2);

constexpr std::uint64_t at(std::chrono::milliseconds time) {
  return static_cast<std::uint64_t>(std::chrono::nanoseconds(time).count());
}
constexpr std::uint64_t ms(std::int64_t count) { return at(std::chrono::milliseconds(count)); }

// Three lives: of one second each, from 0 on; the next begins when one ends. A tenth before, all was stored.
Lives three_lives() {
  Lives lives;
  for (std::int64_t i = 0; i < 3; ++i) {
    lives.begin(ms(1000 * i));
    lives.stored(ms(1000 * i + 900));
    lives.end(ms(1000 * (i + 1)));
  }
  return lives;
}

Fact told(Result result, std::uint64_t time, std::uint64_t attempt = 0) {
  return {0, time, Entry::kOutcome, result, 1, attempt};
}

Findings findings(std::uint64_t key, const Fact& outcome, std::vector<Execution> executions) {
  History history;
  history.accepted_at = 10;
  history.outcome = outcome;
  history.executions = std::move(executions);
  for (Execution& one : history.executions) one.key = key;
  return examine(key, history, three_lives());
}

bool holds(const Findings& found) { return found.wrong_outcomes.empty() && found.wrong_executions.empty(); }

TEST(Lives, KnowWhatIsSafe) {
  const Lives lives = three_lives();
  EXPECT_EQ(lives.at(ms(1500)), 2u);
  EXPECT_TRUE(lives.is_safe(1, ms(500)));
  EXPECT_FALSE(lives.is_safe(1, ms(700)));
  Lives nobody_saw_it_store;
  nobody_saw_it_store.begin(0);
  nobody_saw_it_store.end(ms(4000));
  nobody_saw_it_store.begin(ms(5000));
  nobody_saw_it_store.stored(ms(6000));
  EXPECT_FALSE(nobody_saw_it_store.is_safe(1, ms(500)));
  EXPECT_TRUE(nobody_saw_it_store.is_safe(2, ms(5500)));
}

TEST(Rules, ATaskRunsOnceInALife) {
  const Fact value = told(Result::kRightValue, ms(1950));
  EXPECT_THAT(findings(kTask, value, {{0, ms(100), 1}, {0, ms(200), 1}}).wrong_executions,
              ElementsAre("was begun twice in one life"));
  const auto again = findings(kTask, value, {{0, ms(900), 1}, {0, ms(1100), 2}});
  EXPECT_TRUE(holds(again));
  EXPECT_EQ(again.repeated, 1u);
}

TEST(Rules, ATaskDoesNotRunAgainWhenItsBeginningWasSafe) {
  EXPECT_THAT(
      findings(kTask, told(Result::kRightValue, ms(1950)), {{0, ms(100), 1}, {0, ms(1100), 2}}).wrong_executions,
      ElementsAre("was begun again, though it was safe that it had begun"));
}

TEST(Rules, WhatSurvivedAndRunsInTheDaemonDoesNotRunAgainInFurtherLives) {
  const Fact value = told(Result::kRightValue, ms(2950));
  const std::vector<Execution> twice{{0, ms(1900), 2}, {0, ms(2100), 3}};
  EXPECT_THAT(findings(pack({kThreadSession, kTask}), value, twice).wrong_executions,
              ElementsAre("was begun again, though it was safe that it had begun"));
  EXPECT_TRUE(holds(findings(pack({kProcessSession, kTask}), value, twice)));
}

TEST(Rules, ATaskDoesNotRunAfterItsOutcomeWasTold) {
  EXPECT_THAT(findings(kTask, told(Result::kRightValue, ms(950)), {{0, ms(940), 1}, {0, ms(1100), 2}}).wrong_executions,
              ElementsAre("was begun after its outcome was told"));
}

TEST(Rules, WorkersGoSoonAfterTheirDaemon) {
  const Fact told_later = told(Result::kDaemonRestarted, ms(1200), 1);
  EXPECT_TRUE(holds(findings(kTask, told_later, {{0, ms(1300), 1}})));
  EXPECT_THAT(findings(kTask, told_later, {{0, ms(2100), 1}}).wrong_executions,
              ElementsAre("was begun long after its daemon had died"));
}

TEST(Rules, WhatRunsAtMostOnceDoesNotRunTwice) {
  const Fact value = told(Result::kRightValue, ms(1950));
  EXPECT_TRUE(holds(findings(kOnce, value, {{0, ms(1100), 2}})));
  EXPECT_FALSE(findings(kOnce, value, {{0, ms(900), 1}, {0, ms(1100), 2}}).wrong_executions.empty());
}

TEST(Rules, WhatRunsAtMostOnceMayBeRestartedBeforeItBegins) {
  const auto found = findings(kOnce, told(Result::kDaemonRestarted, ms(1100), 1), {});
  EXPECT_TRUE(holds(found));
  EXPECT_EQ(found.reserved, 1u);
  EXPECT_EQ(found.unexplained, 0u);
}

TEST(Rules, DaemonRestartedNeedsABeginningInAnEarlierLife) {
  const Fact restarted = told(Result::kDaemonRestarted, ms(1500), 1);
  EXPECT_EQ(findings(kTask, restarted, {{0, ms(900), 1}}).unexplained, 0u);
  EXPECT_EQ(findings(kTask, restarted, {{0, ms(1400), 2}}).unexplained, 1u);
  EXPECT_EQ(findings(kTask, restarted, {}).unexplained, 1u);
}

TEST(Rules, DaemonRestartedIsNoOutcomeOfWhatHadEndedLongBefore) {
  EXPECT_THAT(findings(kTask, told(Result::kDaemonRestarted, ms(1500), 1), {{0, ms(100), 1}}).wrong_outcomes,
              ElementsAre("ended as DaemonRestarted, and had ended long before"));
  const auto held = findings(kLongTask, told(Result::kDaemonRestarted, ms(1500), 1), {{0, ms(400), 1}});
  EXPECT_TRUE(holds(held));
  EXPECT_TRUE(held.held);
}

TEST(Rules, AttemptsFollowEachOther) {
  const Fact failed = told(Result::kOwnError, ms(2950), 3);
  EXPECT_TRUE(holds(findings(kRetryThatFails, failed, {{0, 10, 1, 1}, {0, 20, 1, 2}, {0, 30, 1, 3}})));
  EXPECT_THAT(findings(kRetryThatFails, failed, {{0, 10, 1, 1}, {0, 30, 1, 3}}).wrong_executions,
              ElementsAre("left out an attempt"));
  EXPECT_THAT(findings(kRetryThatFails, failed, {{0, 10, 1, 3}, {0, 30, 1, 4}}).wrong_executions,
              ElementsAre("was begun too often"));
}

TEST(Rules, ACrashTakesBackAttemptsThatWereNotSafe) {
  const Fact failed = told(Result::kOwnError, ms(2950), 3);
  const auto found =
      findings(kRetryThatFails, failed,
               {{0, ms(900), 1, 1}, {0, ms(910), 1, 2}, {0, ms(1100), 2, 1}, {0, ms(1110), 2, 2}, {0, ms(1120), 2, 3}});
  EXPECT_TRUE(holds(found));
  EXPECT_EQ(found.repeated, 2u);
  EXPECT_EQ(found.retried, 3u);
  EXPECT_THAT(
      findings(kRetryThatFails, failed, {{0, ms(100), 1, 1}, {0, ms(910), 1, 2}, {0, ms(1100), 2, 1}}).wrong_executions,
      ElementsAre("was begun again, though it was safe that it had begun"));
}

TEST(Rules, AnAttemptThatNobodySawIsUnexplained) {
  const auto found =
      findings(kRetryThatFails, told(Result::kOwnError, ms(1950), 3), {{0, ms(900), 1, 1}, {0, ms(1100), 2, 3}});
  EXPECT_TRUE(holds(found));
  EXPECT_EQ(found.unexplained, 1u);
}

TEST(Rules, ErrorsAreThoseOfTheLastAttempt) {
  for (const Result result : {Result::kOwnError, Result::kDaemonRestarted}) {
    EXPECT_THAT(
        findings(kRetryThatFails, told(result, ms(1950), 2), {{0, ms(900), 1, 1}, {0, ms(910), 1, 2}}).wrong_outcomes,
        ElementsAre("failed for good in an attempt that was not its last"));
  }
}

TEST(Rules, AValueNeedsAnAttemptThatCanGiveIt) {
  const Fact value = told(Result::kRightValue, ms(950));
  EXPECT_TRUE(holds(findings(kRetryAtTwo, value, {{0, 10, 1, 1}, {0, 20, 1, 2}})));
  EXPECT_FALSE(findings(kRetryAtTwo, value, {{0, 10, 1, 1}}).wrong_outcomes.empty());
  EXPECT_FALSE(findings(kTask, value, {}).wrong_outcomes.empty());
}

TEST(Rules, OnlyWhatExpiresEndsSo) {
  const Fact expired = told(Result::kExpired, ms(500), 1);
  EXPECT_TRUE(holds(findings(kNever, expired, {})));
  EXPECT_TRUE(holds(findings(kExpiringTask, expired, {{0, 10, 1}})));
  EXPECT_THAT(findings(kTask, expired, {{0, 10, 1}}).wrong_outcomes, ElementsAre("cannot expire"));
  EXPECT_THAT(findings(kNever, expired, {{0, 10, 1}}).wrong_executions, ElementsAre("was begun before its time"));
  EXPECT_THAT(findings(kTask, told(Result::kRightValue, ms(500)), {{0, 10, 1}}).wrong_outcomes, IsEmpty());
}

}  // namespace
}  // namespace futured::crash
