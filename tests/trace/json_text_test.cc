#include "server/trace/json_text.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <string>

namespace futured::trace {
namespace {

using namespace std::string_literals;

std::string written(std::string_view text) {
  std::string out;
  append_json_string(text, out);
  return out;
}

// What a reader makes of it.
std::string read_back(std::string_view text) { return nlohmann::json::parse(written(text)).get<std::string>(); }

std::string decimal(std::int64_t number) {
  std::string out;
  append_decimal(number, out);
  return out;
}

TEST(JsonTextTest, PlainTextIsQuoted) {
  EXPECT_EQ(written("run math.is_prime"), R"("run math.is_prime")");
  EXPECT_EQ(written(""), R"("")");
}

TEST(JsonTextTest, TextIsAppended) {
  std::string out = "[";
  append_json_string("a", out);
  append_json_string("\n", out);
  EXPECT_EQ(out, R"(["a""\n")");
}

TEST(JsonTextTest, QuotesAndBackslashesAreEscaped) {
  EXPECT_EQ(written(R"(say "a\b")"), R"("say \"a\\b\"")");
  EXPECT_EQ(read_back(R"("},{"\)"), R"("},{"\)");
}

TEST(JsonTextTest, EachByteOfAsciiIsReadBackAsItWas) {
  for (char c = 0; c >= 0 && c < 0x7f; ++c) {
    const std::string text{'a', c, 'b'};
    EXPECT_EQ(read_back(text), text) << static_cast<int>(c);
  }
  EXPECT_EQ(read_back("\x7f"), "\x7f");
}

TEST(JsonTextTest, ControlCharactersAreEscaped) {
  EXPECT_EQ(written("\n\t\x01"), R"("\n\t\u0001")");
  EXPECT_EQ(written("a\0b"s), R"("a\u0000b")");
}

TEST(JsonTextTest, Utf8StaysAsItIs) {
  for (const std::string text : {"größer", "日本", "😀"}) {
    EXPECT_EQ(written(text), '"' + text + '"');
    EXPECT_EQ(read_back(text), text);
  }
}

TEST(JsonTextTest, WhatIsNoUtf8IsReplaced) {
  // A byte that begins nothing, a character cut short, one that is written too long, half of a surrogate pair.
  for (const std::string text : {"a\xff", "a\xe2\x82", "\xc0\xaf", "\xed\xa0\x80"}) {
    EXPECT_NE(read_back(text).find("\xef\xbf\xbd"), std::string::npos) << text;
  }
  EXPECT_EQ(read_back("a\xff"
                      "b"),
            "a\xef\xbf\xbd"
            "b");
}

TEST(JsonTextTest, LongTextIsWhole) {
  std::string text(1 << 20, 'x');
  EXPECT_EQ(read_back(text), text);
  text.back() = '"';
  EXPECT_EQ(read_back(text), text);
}

TEST(JsonTextTest, NumbersAreWhole) {
  EXPECT_EQ(decimal(0), "0");
  EXPECT_EQ(decimal(std::numeric_limits<std::int64_t>::max()), "9223372036854775807");
  EXPECT_EQ(decimal(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
}

}  // namespace
}  // namespace futured::trace
