#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "error_text.h"
#include "futured/codec.h"

namespace futured {
namespace {

constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::uint64_t kUnsignedMost = std::numeric_limits<std::uint64_t>::max();

template <class To, class From>
std::string decode_error(From number) {
  return error_text<CodecError>([&] { decode_value<To>(encode_value(number)); });
}

TEST(CodecNumberTest, EitherIntegerKindIsAcceptedWhereItFits) {
  EXPECT_EQ(decode_value<std::int8_t>(encode_value(std::uint64_t{127})), 127);
  EXPECT_EQ(decode_value<std::uint64_t>(encode_value(kMost)), static_cast<std::uint64_t>(kMost));
  EXPECT_EQ(decode_value<std::int64_t>(encode_value(static_cast<std::uint64_t>(kMost))), kMost);
}

TEST(CodecNumberTest, IntegerOutOfRangeIsRefused) {
  EXPECT_EQ(decode_error<std::uint64_t>(-5), "-5 does not fit uint64");
  EXPECT_EQ(decode_error<std::uint8_t>(256), "256 does not fit uint8");
  EXPECT_EQ(decode_error<std::uint32_t>(std::uint64_t{1} << 32), "4294967296 does not fit uint32");
  EXPECT_EQ(decode_error<std::int8_t>(-129), "-129 does not fit int8");
  EXPECT_EQ(decode_error<std::int32_t>(kLeast), "-9223372036854775808 does not fit int32");
  EXPECT_EQ(decode_error<std::int64_t>(kUnsignedMost), "18446744073709551615 does not fit int64");
}

TEST(CodecNumberTest, IntegerBecomesDoubleWhenExact) {
  EXPECT_EQ(decode_value<double>(encode_value(-3)), -3.0);
  EXPECT_EQ(decode_value<double>(encode_value(std::int64_t{1} << 60)), std::ldexp(1.0, 60));
  EXPECT_EQ(decode_value<double>(encode_value(kLeast)), std::ldexp(-1.0, 63));
  EXPECT_EQ(decode_error<double>((std::int64_t{1} << 53) + 1), "9007199254740993 does not fit double exactly");
  EXPECT_EQ(decode_error<double>(kMost), "9223372036854775807 does not fit double exactly");
  EXPECT_EQ(decode_error<double>(kUnsignedMost), "18446744073709551615 does not fit double exactly");
}

TEST(CodecNumberTest, DoubleBeyondFloatIsRefused) {
  EXPECT_EQ(decode_error<float>(1e300), "1e+300 does not fit float");
  EXPECT_EQ(decode_value<float>(encode_value(-std::numeric_limits<double>::infinity())),
            -std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::isnan(decode_value<float>(encode_value(std::nan("")))));
}

TEST(CodecNumberTest, DoubleAndBoolAreNoIntegers) {
  EXPECT_EQ(decode_error<int>(1.0), "expected int32, got double 1");
  EXPECT_EQ(decode_error<int>(true), "expected int32, got bool true");
  EXPECT_EQ(decode_error<bool>(1), "expected bool, got integer 1");
}

TEST(CodecNumberTest, CallRefusesIntegerThatParameterCannotHold) {
  EXPECT_EQ(error_text<ArgumentError>([] { encode_call<bool, std::uint64_t>(true, -5); }),
            "argument 2: -5 does not fit uint64");
  EXPECT_EQ(error_text<ArgumentError>([] { encode_call<std::int8_t>(200); }), "argument 1: 200 does not fit int8");
}

}  // namespace
}  // namespace futured
