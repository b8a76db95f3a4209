#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <vector>

#include "examples/plugin/functions.h"
#include "futured/context.h"
#include "tests/task/fake_context.h"

namespace examples {
namespace {

constexpr std::uint64_t kLargest = std::numeric_limits<std::uint64_t>::max();

bool is_prime_here(std::uint64_t n) {
  futured::FakeContext context;
  return has_no_divisor(context, n);
}

TEST(IsPrime, AgreesWithASieve) {
  constexpr std::size_t kLimit = 10'000;
  std::vector<bool> composite(kLimit);
  for (std::size_t n = 0; n < kLimit; ++n) {
    if (n < 2) composite[n] = true;
    EXPECT_EQ(is_prime_here(n), !composite[n]) << n;
    for (std::size_t multiple = 2 * n; n > 1 && multiple < kLimit; multiple += n) composite[multiple] = true;
  }
}

TEST(IsPrime, FindsTheRootOfASquare) {
  for (const std::uint64_t root : {3U, 5U, 65'521U, 999'983U, 4'000'037U}) {
    EXPECT_FALSE(is_prime_here(root * root)) << root;
    EXPECT_TRUE(is_prime_here(root)) << root;
  }
}

TEST(IsPrime, EndsForTheLargestNumbers) {
  EXPECT_FALSE(is_prime_here(kLargest));
  EXPECT_FALSE(is_prime_here(kLargest - 1));
  // The square of the largest number of 32 bits.
  EXPECT_FALSE(is_prime_here(std::uint64_t{0xFFFF'FFFF} * 0xFFFF'FFFF));
}

TEST(IsPrime, StopsOnRequest) {
  futured::FakeContext context;
  context.source.request_stop();
  constexpr std::uint64_t kLargestPrime = kLargest - 58;
  EXPECT_THROW(has_no_divisor(context, kLargestPrime), futured::Cancelled);
}

TEST(IsPrime, TellsHowManyDivisorsItHasTried) {
  futured::FakeContext context;
  // A prime whose root has 24 bits.
  EXPECT_TRUE(has_no_divisor(context, 99'999'999'999'973));
  ASSERT_GT(context.fractions.size(), 2U);
  EXPECT_TRUE(std::ranges::is_sorted(context.fractions));
  EXPECT_GT(context.fractions.front(), 0);
  EXPECT_LT(context.fractions.back(), 1);
}

TEST(JudgePrime, SaysTheSameAndTellsItsTime) {
  futured::FakeContext context;
  EXPECT_TRUE(judge(context, 97).prime);
  const Verdict verdict = judge(context, 91);
  EXPECT_FALSE(verdict.prime);
  EXPECT_GE(verdict.seconds, 0);
}

TEST(SumOfSquares, AddsUp) {
  EXPECT_EQ(add_squares({}), 0U);
  EXPECT_EQ(add_squares({1, 2, 3}), 14U);
  EXPECT_EQ(add_squares({0xFFFF'FFFF}), std::uint64_t{0xFFFF'FFFF} * 0xFFFF'FFFF);
}

TEST(SumOfSquares, RefusesToOverflow) { EXPECT_THROW(add_squares({0xFFFF'FFFF, 0xFFFF'FFFF}), std::overflow_error); }

}  // namespace
}  // namespace examples
