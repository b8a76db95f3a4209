#include "server/exec/process/program_arguments.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "futured/codec.h"

namespace futured::exec {
namespace {

using ::testing::HasSubstr;

template <class T>
v1::Value value(const T& what) {
  v1::Value result;
  Codec<T>::encode(what, result);
  return result;
}

v1::Arguments arguments(const std::vector<std::string>& positional,
                        const std::map<std::string, std::string>& keyword = {}) {
  v1::Arguments result;
  for (const std::string& each : positional) *result.add_positional() = value(each);
  for (const auto& [name, text] : keyword) (*result.mutable_keyword())[name] = value(text);
  return result;
}

// What is bound to the parameters (image, size).
std::vector<std::string> bound(const v1::Arguments& arguments) {
  std::vector<std::string> texts;
  for (const v1::Value* each : bind_arguments("resize", {"image", "size"}, arguments)) {
    texts.push_back(each->string_value());
  }
  return texts;
}

std::string refusal(const v1::Arguments& arguments) {
  try {
    bound(arguments);
  } catch (const ArgumentError& error) {
    return error.what();
  }
  return "accepted";
}

std::string refused_text(const v1::Value& value) {
  try {
    return "accepted: " + command_text(value);
  } catch (const CodecError& error) {
    return error.what();
  }
}

TEST(ProgramArgumentsTest, ArgumentsAreBoundByPositionOrName) {
  const std::vector<std::string> both = {"i", "s"};
  EXPECT_EQ(bound(arguments({"i", "s"})), both);
  EXPECT_EQ(bound(arguments({"i"}, {{"size", "s"}})), both);
  EXPECT_EQ(bound(arguments({}, {{"size", "s"}, {"image", "i"}})), both);
}

TEST(ProgramArgumentsTest, FunctionWithoutParametersTakesNone) {
  EXPECT_TRUE(bind_arguments("f", {}, v1::Arguments()).empty());
  EXPECT_THROW(bind_arguments("f", {}, arguments({"a"})), ArgumentError);
}

TEST(ProgramArgumentsTest, EachParameterIsGivenOnceAndNothingElse) {
  EXPECT_THAT(refusal(arguments({"a", "b", "c"})), HasSubstr("expected 2 arguments (image, size), got 3"));
  EXPECT_THAT(refusal(arguments({"a"})), HasSubstr("got 1 without size"));
  EXPECT_THAT(refusal(arguments({}, {{"size", "s"}})), HasSubstr("got 1 without image"));
  EXPECT_THAT(refusal(arguments({"a", "b"}, {{"colour", "c"}})), HasSubstr("got one named colour"));
  EXPECT_THAT(refusal(arguments({"a", "b"}, {{"image", "c"}})), HasSubstr("argument image is given twice"));
  EXPECT_THAT(refusal(arguments({})), HasSubstr("resize"));
}

TEST(ProgramArgumentsTest, SimpleValuesAreTextInACommand) {
  EXPECT_EQ(command_text(value(std::string("ä b\n\"'$"))), "ä b\n\"'$");
  EXPECT_EQ(command_text(value(std::string())), "");
  EXPECT_EQ(command_text(value(Bytes{"\xff\x01"})), "\xff\x01");
  EXPECT_EQ(command_text(value(true)), "true");
  EXPECT_EQ(command_text(value(false)), "false");
  EXPECT_EQ(command_text(value(std::int64_t{INT64_MIN})), "-9223372036854775808");
  EXPECT_EQ(command_text(value(std::uint64_t{UINT64_MAX})), "18446744073709551615");
}

TEST(ProgramArgumentsTest, NumbersAreShortAndReadBackTheSame) {
  EXPECT_EQ(command_text(value(0.1)), "0.1");
  EXPECT_EQ(command_text(value(-2.5)), "-2.5");
  for (const double number : {1.0 / 3, 1e300, -5e-324, 12345678901234567.0}) {
    EXPECT_EQ(std::strtod(command_text(value(number)).c_str(), nullptr), number);
  }
}

TEST(ProgramArgumentsTest, WhatNoCommandLineCanHoldIsRefused) {
  EXPECT_THAT(refused_text(value(std::string("a\0b", 3))), HasSubstr("got 3 bytes with one"));
  EXPECT_THAT(refused_text(value(Bytes{std::string(1, '\0')})), HasSubstr("bytes without NUL"));
  EXPECT_THAT(refused_text(value(std::vector<int>{1, 2})), HasSubstr("expected text, bytes, a number or a bool"));
  EXPECT_THAT(refused_text(v1::Value()), HasSubstr("expected text, bytes, a number or a bool"));
}

TEST(ProgramArgumentsTest, InputIsTextOrBytesAsTheyAreAndJsonOtherwise) {
  EXPECT_EQ(input_text(value(std::string("a\0b", 3))), std::string("a\0b", 3));
  EXPECT_EQ(input_text(value(Bytes{"\xff"})), "\xff");
  EXPECT_EQ(input_text(value(std::vector<int>{1, 2})), "[1,2]");
  EXPECT_EQ(input_text(value(std::int64_t{-1})), "-1");
}

TEST(ProgramArgumentsTest, ParametersAreListedForPeople) {
  EXPECT_EQ(parameter_list({}), "()");
  EXPECT_EQ(parameter_list({"a"}), "(a)");
  EXPECT_EQ(parameter_list({"a", "b"}), "(a, b)");
}

}  // namespace
}  // namespace futured::exec
