#include "server/http/latencies.h"

#include <gtest/gtest.h>

#include <cstdint>

#include "server/core/function_latencies.h"

namespace futured::http {
namespace {

constexpr std::uint64_t kMillisecond = 1'000'000;

TimeCounts counts_of(std::uint64_t nanoseconds, int times) {
  core::TimeHistogram histogram;
  for (int i = 0; i < times; ++i) histogram.add(nanoseconds);
  TimeCounts counts;
  counts.add(histogram);
  return counts;
}

TEST(LatenciesTest, NothingHasNoQuantile) { EXPECT_FALSE(TimeCounts().quantile(0.5)); }

TEST(LatenciesTest, QuantileIsWithinItsBucket) {
  core::TimeHistogram histogram;
  for (int i = 0; i < 90; ++i) histogram.add(2 * kMillisecond);
  for (int i = 0; i < 10; ++i) histogram.add(900 * kMillisecond);
  TimeCounts counts;
  counts.add(histogram);
  // A bucket is as wide as a factor of four.
  EXPECT_GT(*counts.quantile(0.5), 0.002 / 4);
  EXPECT_LT(*counts.quantile(0.5), 0.002 * 4);
  EXPECT_LT(*counts.quantile(0.9), 0.002 * 4);
  EXPECT_GT(*counts.quantile(0.99), 0.9 / 4);
  EXPECT_LT(*counts.quantile(0.99), 0.9 * 4);
  EXPECT_LE(*counts.quantile(0.5), *counts.quantile(0.6));
}

TEST(LatenciesTest, OneAloneIsTakenToBeInTheMiddleOfItsBucket) {
  const TimeCounts one = counts_of(2 * kMillisecond, 1);
  for (const double share : {0.01, 0.5, 0.99}) {
    EXPECT_GT(*one.quantile(share), 0.002 / 2) << share;
    EXPECT_LT(*one.quantile(share), 0.002 * 2) << share;
  }
}

TEST(LatenciesTest, WhatIsAboveAllBoundsHasAQuantile) {
  const double seconds = *counts_of(UINT64_MAX / 2, 3).quantile(0.5);
  EXPECT_GT(seconds, 4000);
}

TEST(LatenciesTest, EarlierOnesAreTakenOff) {
  core::TableMetrics table;
  table.executors.resize(2);
  table.functions.emplace_back(core::ExecutorIndex{1}, "math.is_prime");
  table.functions[0].ran.add(kMillisecond);
  const auto earlier = latencies_of(table);
  EXPECT_FALSE(latencies_since(earlier, latencies_of(table))[1].running.quantile(0.5));
  table.functions[0].ran.add(1000 * kMillisecond);
  const auto since = latencies_since(earlier, latencies_of(table));
  EXPECT_GT(*since[1].running.quantile(0.01), 0.25) << "the quick one was before";
  EXPECT_FALSE(since[0].running.quantile(0.5));
  EXPECT_FALSE(since[1].queueing.quantile(0.5));
}

}  // namespace
}  // namespace futured::http
