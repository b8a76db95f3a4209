#include "server/core/token_bucket.h"

#include <gtest/gtest.h>

namespace futured::core {
namespace {

using namespace std::chrono_literals;

class TokenBucketTest : public testing::Test {
 protected:
  explicit TokenBucketTest(std::uint64_t per_second = 10) { bucket_.set_rate(per_second); }

  // Whether so many may be taken, and then they are.
  bool take(std::uint64_t count) {
    if (wait(count) > 0ns) return false;
    bucket_.take(count, now_);
    return true;
  }
  Duration wait(std::uint64_t count) const { return bucket_.wait_for(count, now_); }

  TokenBucket bucket_;
  Time now_{std::chrono::hours(1)};
};

TEST_F(TokenBucketTest, HoldsWhatComesInASecond) {
  EXPECT_TRUE(take(10));
  EXPECT_FALSE(take(1));
}

TEST_F(TokenBucketTest, SaysAfterWhatTimeTheyMayBeTaken) {
  EXPECT_TRUE(take(10));
  EXPECT_EQ(wait(1), 100ms);
  EXPECT_EQ(wait(4), 400ms);
  now_ += 250ms;
  EXPECT_EQ(wait(4), 150ms);
  now_ += 150ms;
  EXPECT_TRUE(take(4));
  EXPECT_FALSE(take(1));
}

TEST_F(TokenBucketTest, FillsUpAndNoFurther) {
  EXPECT_TRUE(take(10));
  now_ += 1h;
  EXPECT_TRUE(take(10));
  EXPECT_FALSE(take(1));
}

TEST_F(TokenBucketTest, OneByOneTheRateHolds) {
  EXPECT_TRUE(take(10));
  for (int i = 0; i < 25; ++i) {
    EXPECT_FALSE(take(1));
    now_ += 100ms;
    EXPECT_TRUE(take(1));
  }
}

TEST_F(TokenBucketTest, MoreThanItHoldsIsTakenFromAFullOneOnCredit) {
  EXPECT_TRUE(take(25));
  EXPECT_EQ(wait(1), 1600ms) << "what was lent comes in first";
  EXPECT_EQ(wait(25), 2500ms) << "not on further credit";
  now_ += 2500ms;
  EXPECT_TRUE(take(25));
}

TEST_F(TokenBucketTest, WithoutRateEverythingMayBeTaken) {
  bucket_.set_rate(0);
  EXPECT_TRUE(take(1'000'000'000));
  EXPECT_TRUE(take(1'000'000'000));
}

TEST_F(TokenBucketTest, HigherRateHoldsFromNowOn) {
  EXPECT_TRUE(take(10));
  bucket_.set_rate(1000);
  EXPECT_EQ(wait(1), 1ms);
}

TEST_F(TokenBucketTest, OddRatesDoNotDrift) {
  bucket_.set_rate(3);
  EXPECT_TRUE(take(3));
  now_ += 1s;
  EXPECT_TRUE(take(3));
  EXPECT_FALSE(take(1));
}

TEST_F(TokenBucketTest, HugeCountsDoNotOverflow) {
  bucket_.set_rate(1);
  EXPECT_TRUE(take(1'000'000));
  EXPECT_EQ(wait(1), 1'000'000s);
}

}  // namespace
}  // namespace futured::core
