#include "server/core/function_info.h"

#include <gtest/gtest.h>

#include <string>

namespace futured::core {
namespace {

using namespace std::chrono_literals;

TEST(FunctionNamesTest, SameNameOfTwoExecutorsIsTwoFunctions) {
  FunctionNames names;
  names.pin(0, "f", true, false);
  names.pin(1, "f", false, true);
  EXPECT_TRUE(names.acquire(0, "f", 1)->is_coroutine);
  EXPECT_FALSE(names.acquire(1, "f", 1)->is_coroutine);
  EXPECT_TRUE(names.acquire(1, "f", 1)->is_alone);
}

TEST(FunctionInfoTest, FirstCallIsTheEstimate) {
  FunctionInfo info;
  EXPECT_LT(info.estimate, 0ns);
  info.observe(100us);
  EXPECT_EQ(info.estimate, 100us);
}

TEST(FunctionInfoTest, NewestCallWeighsAQuarter) {
  FunctionInfo info;
  info.observe(100us);
  info.observe(500us);
  EXPECT_EQ(info.estimate, 200us);
}

TEST(FunctionInfoTest, CallThatGoesOnRaisesTheEstimateOnly) {
  FunctionInfo info;
  info.observe_at_least(2ms);
  EXPECT_EQ(info.estimate, 2ms);
  info.observe_at_least(1ms);
  EXPECT_EQ(info.estimate, 2ms);
}

TEST(FunctionNamesTest, NameIsOneFunction) {
  FunctionNames names;
  FunctionInfo* const info = names.acquire(0, "f", 1);
  EXPECT_EQ(names.acquire(0, std::string("f"), 2), info);
  EXPECT_EQ(info->uses, 3U);
  EXPECT_NE(names.acquire(0, "g", 1), info);
}

TEST(FunctionNamesTest, NameThatNobodyUsesIsForgotten) {
  FunctionNames names;
  names.acquire(0, "f", 1)->observe(1ms);
  names.release(names.acquire(0, "f", 1));
  EXPECT_EQ(names.acquire(0, "f", 0)->estimate, 1ms);
  names.release(names.acquire(0, "f", 0));
  EXPECT_LT(names.acquire(0, "f", 1)->estimate, 0ns);
}

TEST(FunctionNamesTest, PinnedNameStays) {
  FunctionNames names;
  names.pin(0, "f", true, false);
  names.acquire(0, "f", 1)->observe(1ms);
  names.release(names.acquire(0, "f", 0));
  EXPECT_EQ(names.acquire(0, "f", 1)->estimate, 1ms);
  EXPECT_TRUE(names.acquire(0, "f", 1)->is_coroutine);
}

}  // namespace
}  // namespace futured::core
