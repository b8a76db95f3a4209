#include "futured/json_value.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "futured/codec_error.h"

namespace futured {
namespace {

v1::Value read(std::string_view text) { return value_of(parse_json(text).value()); }
std::string there_and_back(std::string_view text) { return text_of(json_of(read(text))); }

TEST(JsonValueTest, EveryKindComesBack) {
  for (const char* text : {"null", "true", "97", "-5", "18446744073709551615", "0.5", "\"text\"", "[1,[2],[]]",
                           "{\"a\":{},\"b\":1}", "{\"base64\":\"aGk=\"}"}) {
    EXPECT_EQ(there_and_back(text), text);
  }
}

TEST(JsonValueTest, BytesAreAnObjectWithBase64) {
  EXPECT_EQ(read("{\"base64\":\"aGk=\"}").bytes_value(), "hi");
  EXPECT_THROW(read("{\"base64\":\"!\"}"), CodecError);
  EXPECT_TRUE(read("{\"base64\":\"aGk=\",\"more\":1}").has_map_value());
}

TEST(JsonValueTest, WhatIsNoNumberOfJsonIsWrittenAsText) {
  v1::Value value;
  value.set_double_value(-std::numeric_limits<double>::infinity());
  EXPECT_EQ(text_of(json_of(value)), "\"-Infinity\"");
  value.set_double_value(std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(text_of(json_of(value)), "\"NaN\"");
}

TEST(JsonValueTest, WhatIsNoJsonIsNothing) {
  for (const char* text : {"", "tru", "[1", "1 2", "\"\xff\""}) EXPECT_FALSE(parse_json(text).has_value()) << text;
}

TEST(JsonValueTest, TooDeepIsRefused) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  v1::Value value = read(nested(30));
  v1::Value again;
  EXPECT_TRUE(again.ParseFromString(value.SerializeAsString()));
  EXPECT_THROW(parse_json(nested(1000)), CodecError);
}

}  // namespace
}  // namespace futured
