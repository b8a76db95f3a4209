#include "server/rpc/validate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace futured::rpc {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using namespace std::chrono_literals;

google::protobuf::Duration duration(std::int64_t seconds, int nanos) {
  google::protobuf::Duration proto;
  proto.set_seconds(seconds);
  proto.set_nanos(nanos);
  return proto;
}

TEST(ValidateTest, PrintableEscapesAndShortens) {
  EXPECT_EQ(printable("plain"), "plain");
  EXPECT_EQ(printable("a\tb\x7f\xc3"), "a\\x09b\\x7f\\xc3");
  EXPECT_EQ(printable(std::string(64, 'x')), std::string(64, 'x'));
  EXPECT_EQ(printable(std::string(65, 'x')), std::string(64, 'x') + "…");
}

TEST(ValidateTest, FunctionNamesHaveAnAlphabetAndALength) {
  EXPECT_TRUE(check_function_name("function", "math.is_prime-2"));
  EXPECT_TRUE(check_function_name("function", std::string(128, 'x')));
  for (const std::string& name : {std::string(), std::string(129, 'x'), std::string("a b"), std::string("ä")}) {
    const auto checked = check_function_name("tasks[3].function", name);
    ASSERT_FALSE(checked) << name;
    EXPECT_EQ(checked.error().reason, core::Reason::kFieldInvalid);
    EXPECT_THAT(checked.error().message, HasSubstr("tasks[3].function"));
  }
}

TEST(ValidateTest, DurationsAreFromZeroOn) {
  EXPECT_EQ(*to_duration("wait", duration(0, 0)), 0ns);
  EXPECT_EQ(*to_duration("wait", duration(1, 999'999'999)), 1'999'999'999ns);
  for (const auto& bad : {duration(-1, 0), duration(0, -1), duration(0, 1'000'000'000), duration(1, -1)}) {
    const auto converted = to_duration("wait", bad);
    ASSERT_FALSE(converted) << bad.ShortDebugString();
    EXPECT_THAT(converted.error().message, HasSubstr("wait"));
  }
}

TEST(ValidateTest, EndlessDurationsAreACentury) {
  EXPECT_EQ(*to_duration("wait", duration(INT64_MAX, 0)), std::chrono::hours(24 * 365 * 100));
}

TEST(ValidateTest, ATimeoutThatIsNotSetIsNone) {
  EXPECT_EQ(*to_timeout("timeout", false, duration(-1, 0)), std::nullopt);
  EXPECT_EQ(*to_timeout("timeout", true, duration(0, 5)), 5ns);
  EXPECT_FALSE(to_timeout("timeout", true, duration(-1, 0)));
}

TEST(ValidateTest, ASessionIsAnIdWithoutCounter) {
  EXPECT_TRUE(to_session("session", "0b5f9a3e-71c2-8d40-9e5a-000000000000"));
  EXPECT_FALSE(to_session("session", "0b5f9a3e-71c2-8d40-9e5a-000000000001"));
  EXPECT_FALSE(to_session("session", ""));
}

TEST(ValidateTest, DistinctKeepsTheFirstOfEach) {
  const core::FutureId a{1, 1}, b{1, 2}, c{0, 3};
  EXPECT_THAT(distinct({b, a, b, c, a}), ElementsAre(b, a, c));
}

TEST(ValidateTest, ABudgetTakesOneOutcomeOfAnySize) {
  const auto of_size = [](std::size_t size) { return core::Outcome::succeeded(core::Bytes(std::string(size, 'x'))); };
  OutcomeBudget budget({.max_answer_size = 100});
  EXPECT_TRUE(budget.take(of_size(1000)));
  EXPECT_FALSE(budget.take(of_size(1)));

  OutcomeBudget exact({.max_answer_size = 100});
  EXPECT_TRUE(exact.take(of_size(60)));
  EXPECT_FALSE(exact.take(of_size(41)));
  EXPECT_TRUE(exact.take(core::Outcome::failed({core::Origin::kTask, "E", std::string(39, 'x'), "", nullptr, 1, ""})));
  EXPECT_FALSE(exact.take(of_size(1)));
}

}  // namespace
}  // namespace futured::rpc
