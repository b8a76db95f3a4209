#include "futured/codec_error.h"

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "error_text.h"
#include "futured/codec.h"
#include "futured/v1/value.pb.h"

namespace futured {
namespace {

template <class... Params>
std::string argument_error(const std::string& bytes) {
  return error_text<ArgumentError>([&] { decode_arguments<Params...>("math.is_prime", bytes); });
}

template <class T>
std::string value_error(const v1::Value& value) {
  return error_text<CodecError>([&] { decode_value<T>(value.SerializeAsString()); });
}

const char kNoText[] = "\xff\xfe";

TEST(CodecErrorTest, WrongTypeNamesFunctionPositionExpectedAndGiven) {
  EXPECT_EQ(argument_error<std::uint64_t>(encode_arguments("ninety-seven")),
            "math.is_prime: argument 1: expected uint64, got string \"ninety-seven\"");
  EXPECT_EQ((argument_error<bool, std::string>(encode_arguments(true, Bytes{"abc"}))),
            "math.is_prime: argument 2: expected string, got 3 bytes");
}

TEST(CodecErrorTest, WrongCountNamesExpectedTypes) {
  EXPECT_EQ(argument_error<std::uint64_t>(encode_arguments(1, 2, 3)),
            "math.is_prime: expected 1 argument (uint64), got 3");
  EXPECT_EQ((argument_error<std::uint64_t, std::string>("")),
            "math.is_prime: expected 2 arguments (uint64, string), got 0");
  EXPECT_EQ(argument_error<>(encode_arguments(1)), "math.is_prime: expected 0 arguments, got 1");
}

TEST(CodecErrorTest, ArgumentsByNameAreNamed) {
  v1::Arguments arguments;
  (*arguments.mutable_keyword())["n"].set_int_value(97);
  (*arguments.mutable_keyword())["certainty"].set_int_value(3);
  EXPECT_EQ(argument_error<std::uint64_t>(arguments.SerializeAsString()),
            "math.is_prime: a C++ function takes no arguments by name, got certainty, n");
}

TEST(CodecErrorTest, MalformedBytesSaySo) {
  EXPECT_EQ(argument_error<std::uint64_t>("\xff"),
            "math.is_prime: malformed: 1 bytes are no serialized futured.v1.Arguments");
  EXPECT_EQ(error_text<CodecError>([] { decode_value<int>("\xff\xff"); }),
            "malformed: 2 bytes are no serialized futured.v1.Value");
}

TEST(CodecErrorTest, PlaceLeadsThroughNestedParts) {
  using Nested = std::vector<std::map<std::string, std::tuple<int, std::string>>>;
  std::vector<std::map<std::string, std::tuple<int, int>>> given(3);
  given[2]["b"] = {1, 2};
  EXPECT_EQ(argument_error<Nested>(encode_arguments(given)),
            "math.is_prime: argument 1[2][\"b\"][1]: expected string, got integer 2");
}

TEST(CodecErrorTest, PlaceLeadsThroughPairsOfMap) {
  const std::string bytes = encode_value(std::map<int, int>{{1, 1}, {2, 300}});
  EXPECT_EQ(error_text<CodecError>([&] { decode_value<std::map<int, std::uint8_t>>(bytes); }),
            "[1][1]: 300 does not fit uint8");
}

TEST(CodecErrorTest, WrongLengthNamesTupleType) {
  const std::string bytes = encode_value(std::vector<int>{1, 2, 3});
  EXPECT_EQ(error_text<CodecError>([&] { decode_value<std::pair<int, bool>>(bytes); }),
            "expected tuple<int32, bool>, got a list of 3");
}

TEST(CodecErrorTest, TextThatIsNoTextIsRefusedWhereItIs) {
  EXPECT_EQ(error_text<CodecError>([] { encode_value(std::string(kNoText)); }),
            "2 bytes are no UTF-8 text; use futured::Bytes for them");
  EXPECT_EQ(error_text<ArgumentError>([] {
              encode_arguments(1, std::vector<std::string>{"a", kNoText});
            }),
            "argument 2[1]: 2 bytes are no UTF-8 text; use futured::Bytes for them");
  EXPECT_EQ(error_text<CodecError>([] {
              encode_value(std::map<std::string, int>{{kNoText, 1}});
            }),
            "2 bytes are no UTF-8 text; use futured::Bytes for them");
  EXPECT_EQ(error_text<CodecError>([] { encode_value(std::string("longer than a word ") + "\xed\xa0\x80"); }),
            "22 bytes are no UTF-8 text; use futured::Bytes for them");
}

TEST(CodecErrorTest, OtherMessageIsRefused) {
  const std::string bytes = encode_value(google::protobuf::Duration());
  EXPECT_EQ(error_text<CodecError>([&] { decode_value<google::protobuf::Timestamp>(bytes); }),
            "expected message google.protobuf.Timestamp, got message type.googleapis.com/google.protobuf.Duration");
}

TEST(CodecErrorTest, MalformedMessageSaysSo) {
  v1::Value value;
  value.mutable_message_value()->set_type_url("type.googleapis.com/google.protobuf.Duration");
  value.mutable_message_value()->set_value("\xff");
  EXPECT_EQ(value_error<google::protobuf::Duration>(value),
            "malformed: 1 bytes are no serialized google.protobuf.Duration");
}

TEST(CodecErrorTest, ValueWithoutKindIsRefused) {
  EXPECT_EQ(value_error<int>(v1::Value()), "expected int32, got a value without a kind");
  EXPECT_EQ(value_error<v1::Value>(v1::Value()), "expected any, got a value without a kind");
  EXPECT_EQ(value_error<std::optional<int>>(v1::Value()), "expected int32, got a value without a kind");
}

TEST(CodecErrorTest, EachKindIsDescribed) {
  v1::Value value;
  value.set_null_value(google::protobuf::NULL_VALUE);
  EXPECT_EQ(value_error<int>(value), "expected int32, got null");
  value.mutable_opaque_value()->set_codec("pickle5");
  EXPECT_EQ(value_error<int>(value), "expected int32, got opaque pickle5");
  (*value.mutable_map_value()->mutable_entries())["a"].set_bool_value(true);
  EXPECT_EQ((value_error<std::vector<int>>(value)), "expected list<int32>, got a map of 1");
  value.set_string_value(std::string(1000, 'x'));
  EXPECT_EQ((value_error<std::map<std::string, int>>(value)), "expected map<string, int32>, got string of 1000 bytes");
}

// semantics 147
TEST(CodecErrorTest, CodecWorksAfterError) {
  EXPECT_THROW(encode_arguments(1, kNoText), ArgumentError);
  EXPECT_EQ(std::get<0>(decode_arguments<int>("f", encode_arguments(2))), 2);
  EXPECT_THROW(decode_value<int>(encode_value("text")), CodecError);
  EXPECT_EQ(decode_value<int>(encode_value(3)), 3);
}

}  // namespace
}  // namespace futured
