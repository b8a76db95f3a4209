#include "server/security/failed_attempts.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace futured::security {
namespace {

constexpr core::Time kStart{std::chrono::hours(1)};

TEST(FailedAttemptsTest, OneWhoTriesTooOftenIsToldToWaitAndCounted) {
  FailedAttempts attempts;
  for (std::uint64_t i = 0; i < FailedAttempts::kPerSecond; ++i) {
    EXPECT_FALSE(attempts.count("ipv4:10.0.0.1", kStart).too_many);
  }
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(attempts.count("ipv4:10.0.0.1", kStart).too_many);
  EXPECT_FALSE(attempts.count("ipv4:10.0.0.2", kStart).too_many) << "another machine";
  const auto later = attempts.count("ipv4:10.0.0.1", kStart + std::chrono::seconds(1));
  EXPECT_FALSE(later.too_many);
  EXPECT_EQ(later.suppressed, 3U);
}

TEST(FailedAttemptsTest, ManyPeersDoNotGrowItForEver) {
  FailedAttempts attempts;
  for (std::size_t i = 0; i < 3 * FailedAttempts::kPeers; ++i) {
    EXPECT_FALSE(attempts.count("ipv4:" + std::to_string(i), kStart + core::Duration(i)).too_many);
  }
}

}  // namespace
}  // namespace futured::security
