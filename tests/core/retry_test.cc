#include "server/core/retry.h"

#include <gtest/gtest.h>

namespace futured::core {
namespace {

using namespace std::chrono_literals;

constexpr FutureId kId{0x0b5f9a3e71c28d40, 0x9e5a000000000001};

Error error_of(Origin origin, std::string type = "E") { return {origin, std::move(type), "", "", nullptr, 1, ""}; }

TEST(RetryTest, OnlyAsManyAttemptsAsWereAskedFor) {
  EXPECT_FALSE(is_retried({}, error_of(Origin::kTask), 1));
  const TaskPolicy thrice{.max_attempts = 3};
  EXPECT_TRUE(is_retried(thrice, error_of(Origin::kTask), 2));
  EXPECT_FALSE(is_retried(thrice, error_of(Origin::kTask), 3));
}

TEST(RetryTest, AnyErrorIsRetriedButThoseThatWouldComeAgain) {
  const TaskPolicy policy{.max_attempts = 2};
  for (const Origin origin : {Origin::kTask, Origin::kTimeout, Origin::kDaemon, Origin::kWorker, Origin::kExecutor}) {
    EXPECT_TRUE(is_retried(policy, error_of(origin), 1)) << to_string(origin);
  }
  EXPECT_FALSE(is_retried(policy, error_of(Origin::kCall), 1));
  EXPECT_FALSE(is_retried(policy, error_of(Origin::kLimit), 1));
}

TEST(RetryTest, NamedTypesAndOriginsAreRetriedAndNoOthers) {
  const TaskPolicy policy{.max_attempts = 2, .retry_on = {"ValueError", "worker", "limit"}};
  EXPECT_TRUE(is_retried(policy, error_of(Origin::kTask, "ValueError"), 1));
  EXPECT_TRUE(is_retried(policy, error_of(Origin::kWorker, "WorkerLost"), 1));
  EXPECT_TRUE(is_retried(policy, error_of(Origin::kLimit), 1));
  EXPECT_FALSE(is_retried(policy, error_of(Origin::kTask, "TypeError"), 1));
  EXPECT_FALSE(is_retried(policy, error_of(Origin::kTimeout), 1));
}

TEST(RetryTest, AtMostOnceIsNeverRetried) {
  EXPECT_FALSE(is_retried({.at_most_once = true, .max_attempts = 2}, error_of(Origin::kTask), 1));
}

TEST(RetryTest, DelayGrowsUpToTheLongest) {
  const TaskPolicy policy{.retry_delay = 100ms, .max_retry_delay = 1s, .retry_factor = 3000, .retry_jitter = 0};
  EXPECT_EQ(back_off(policy, kId, 1), 100ms);
  EXPECT_EQ(back_off(policy, kId, 2), 300ms);
  EXPECT_EQ(back_off(policy, kId, 3), 900ms);
  EXPECT_EQ(back_off(policy, kId, 4), 1s);
  EXPECT_EQ(back_off(policy, kId, 1000), 1s);
}

TEST(RetryTest, NoDelayStaysNoneHoweverManyAttempts) {
  EXPECT_EQ(back_off({.retry_delay = 0s, .retry_factor = 100'000}, kId, 1000), 0s);
}

TEST(RetryTest, ChanceOnlyShortensAndIsTheSameForTheSameAttempt) {
  const TaskPolicy policy{.retry_delay = 1s, .retry_factor = 1000, .retry_jitter = 500};
  Duration shortest = 1s;
  Duration longest = 0s;
  for (std::uint32_t attempt = 1; attempt <= 1000; ++attempt) {
    const Duration delay = back_off(policy, kId, attempt);
    EXPECT_EQ(delay, back_off(policy, kId, attempt));
    shortest = std::min(shortest, delay);
    longest = std::max(longest, delay);
  }
  EXPECT_GT(shortest, 500ms);
  EXPECT_LT(shortest, 510ms);
  EXPECT_GT(longest, 990ms);
  EXPECT_LE(longest, 1s);
}

TEST(RetryTest, FuturesThatFailTogetherDoNotComeAgainTogether) {
  const TaskPolicy policy;
  EXPECT_NE(back_off(policy, kId, 1), back_off(policy, {kId.high, kId.low + 1}, 1));
}

}  // namespace
}  // namespace futured::core
