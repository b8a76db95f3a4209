#include "server/core/histogram.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace futured::core {
namespace {

using Small = Histogram<2, 3>;

TEST(HistogramTest, BoundsArePowersOfFour) {
  EXPECT_EQ(Small::bound(0), 4U);
  EXPECT_EQ(Small::bound(1), 16U);
  EXPECT_EQ(Small::bound(2), 64U);
  EXPECT_EQ(TimeHistogram::bound(0), 1024U);
  EXPECT_EQ(TimeHistogram::bound(16), std::uint64_t{1} << 42);
}

// The bucket that a value went to.
std::size_t bucket_of(std::uint64_t value) {
  Small histogram;
  histogram.add(value);
  std::size_t bucket = 0;
  while (histogram.count(bucket) == 0) ++bucket;
  return bucket;
}

TEST(HistogramTest, BoundBelongsToItsBucket) {
  EXPECT_EQ(bucket_of(0), 0U);
  EXPECT_EQ(bucket_of(1), 0U);
  EXPECT_EQ(bucket_of(4), 0U);
  EXPECT_EQ(bucket_of(5), 1U);
  EXPECT_EQ(bucket_of(16), 1U);
  EXPECT_EQ(bucket_of(17), 2U);
  EXPECT_EQ(bucket_of(64), 2U);
}

TEST(HistogramTest, LastBucketHasAllThatIsLarger) {
  EXPECT_EQ(bucket_of(65), 3U);
  EXPECT_EQ(bucket_of(UINT64_MAX), 3U);
}

TEST(HistogramTest, AddsUp) {
  Small histogram;
  for (const std::uint64_t value : {1U, 2U, 20U, 1000U}) histogram.add(value);
  EXPECT_EQ(histogram.sum(), 1023U);
  EXPECT_EQ(histogram.count(0), 2U);
  EXPECT_EQ(histogram.count(1), 0U);
  EXPECT_EQ(histogram.count(2), 1U);
  EXPECT_EQ(histogram.count(3), 1U);
}

TEST(HistogramTest, CountsOfOneHaveABucket) {
  CountHistogram histogram;
  histogram.add(1);
  histogram.add(2);
  EXPECT_EQ(histogram.count(0), 1U);
  EXPECT_EQ(histogram.count(1), 1U);
}

}  // namespace
}  // namespace futured::core
