#include "futured/task.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace futured {
namespace {

constexpr Task<bool(std::uint64_t)> kIsPrime{"math.is_prime"};
static_assert(kIsPrime.name() == "math.is_prime");

TEST(TaskTest, SignatureNamesTypesForPeople) {
  EXPECT_EQ(kIsPrime.signature(), "bool(uint64)");
  EXPECT_EQ(Task<void()>{"noop"}.signature(), "null()");
  EXPECT_EQ((Task<std::vector<double>(std::string, std::optional<std::int8_t>)>{"f"}.signature()),
            "list<double>(string, optional<int8>)");
  EXPECT_EQ((Task<std::map<std::string, std::int64_t>(std::tuple<bool, float>)>{"f"}.signature()),
            "map<string, int64>(tuple<bool, float>)");
}

class GoodNameTest : public testing::TestWithParam<std::string> {};

TEST_P(GoodNameTest, IsAccepted) {
  EXPECT_TRUE(is_function_name(GetParam()));
  EXPECT_EQ(Task<void()>{GetParam()}.name(), GetParam());
}

INSTANTIATE_TEST_SUITE_P(Names, GoodNameTest,
                         testing::Values("a", "Z9_.-", "math.is_prime", "-", std::string(128, 'x')));

class BadNameTest : public testing::TestWithParam<std::string> {};

TEST_P(BadNameTest, IsRefused) {
  EXPECT_FALSE(is_function_name(GetParam()));
  EXPECT_THROW(Task<void()>{GetParam()}, std::invalid_argument);
}

INSTANTIATE_TEST_SUITE_P(Names, BadNameTest,
                         testing::Values("", "two words", "a/b", "na\xc3\xafve", std::string("a\0b", 3),
                                         std::string(129, 'x')));

}  // namespace
}  // namespace futured
