#include "server/units.h"

#include <gtest/gtest.h>

namespace futured::server {
namespace {

using namespace std::chrono_literals;

TEST(UnitsTest, CountsMayHaveUnderscores) {
  EXPECT_EQ(parse_count("1_000_000"), 1'000'000U);
  EXPECT_EQ(parse_count("18446744073709551615"), UINT64_MAX);
  for (const char* bad : {"", "-1", "1.5", "1k", "18446744073709551616", " 1"}) EXPECT_FALSE(parse_count(bad)) << bad;
}

TEST(UnitsTest, SizesHaveBinaryUnits) {
  EXPECT_EQ(parse_size("512"), 512U);
  EXPECT_EQ(parse_size("64KiB"), 65'536U);
  EXPECT_EQ(parse_size("4 MiB"), 4U << 20);
  EXPECT_EQ(parse_size("1GiB"), 1U << 30);
  for (const char* bad : {"", "MiB", "4MB", "4mib", "-4MiB", "99999999TiB"}) EXPECT_FALSE(parse_size(bad)) << bad;
}

TEST(UnitsTest, DurationsNeedAUnit) {
  EXPECT_EQ(parse_duration("250ms"), 250ms);
  EXPECT_EQ(parse_duration("30s"), 30s);
  EXPECT_EQ(parse_duration("5m"), 5min);
  EXPECT_EQ(parse_duration("1h"), 1h);
  EXPECT_EQ(parse_duration("2d"), 48h);
  for (const char* bad : {"", "30", "s", "1.5s", "-1s", "999999999d"}) EXPECT_FALSE(parse_duration(bad)) << bad;
}

TEST(UnitsTest, PrintedValuesReadBackTheSame) {
  for (const std::uint64_t bytes : {0ULL, 1ULL, 1000ULL, 1024ULL, 4ULL << 20, 3ULL << 40}) {
    EXPECT_EQ(parse_size(print_size(bytes)), bytes);
  }
  for (const std::chrono::nanoseconds duration : {0ns, 1ns * 1'000'000, 1500ns * 1'000'000, 60'000ns * 1'000'000}) {
    EXPECT_EQ(parse_duration(print_duration(duration)), duration);
  }
  EXPECT_EQ(print_size(4 << 20), "4MiB");
  EXPECT_EQ(print_duration(90s), "90s");
  EXPECT_EQ(print_duration(2h), "2h");
}

}  // namespace
}  // namespace futured::server
