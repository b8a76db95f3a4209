#include "futured/codec.h"

#include <google/protobuf/duration.pb.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "futured/v1/value.pb.h"

namespace futured {
namespace {

template <class T>
T round_trip(const T& object) {
  return decode_value<T>(encode_value(object));
}

v1::Value value_of(const std::string& bytes) {
  v1::Value value;
  EXPECT_TRUE(value.ParseFromString(bytes));
  return value;
}

template <class T>
class IntegerCodecTest : public testing::Test {};
using Integers = testing::Types<std::int8_t, std::int16_t, std::int32_t, std::int64_t, long long, std::uint8_t,
                                std::uint16_t, std::uint32_t, std::uint64_t, unsigned long long>;
TYPED_TEST_SUITE(IntegerCodecTest, Integers);

TYPED_TEST(IntegerCodecTest, RoundTripKeepsEdges) {
  using Limits = std::numeric_limits<TypeParam>;
  for (const TypeParam number : {Limits::min(), TypeParam{0}, TypeParam{1}, Limits::max()}) {
    EXPECT_EQ(round_trip(number), number);
  }
}

template <class T>
struct Samples;
template <>
struct Samples<bool> {
  static std::vector<bool> all() { return {false, true}; }
};
template <>
struct Samples<double> {
  static std::vector<double> all() { return {0, -1.5, 1e300, std::numeric_limits<double>::infinity()}; }
};
template <>
struct Samples<float> {
  static std::vector<float> all() { return {0, 0.1F, std::numeric_limits<float>::max()}; }
};
template <>
struct Samples<std::string> {
  static std::vector<std::string> all() { return {"", "text", "na\xc3\xafve \xe2\x82\xac", std::string("a\0b", 3)}; }
};
template <>
struct Samples<Bytes> {
  static std::vector<Bytes> all() { return {{""}, {std::string("\xff\x00", 2)}}; }
};
template <>
struct Samples<std::monostate> {
  static std::vector<std::monostate> all() { return {{}}; }
};
template <>
struct Samples<std::vector<bool>> {
  static std::vector<std::vector<bool>> all() { return {{}, {true, false}}; }
};
template <>
struct Samples<std::vector<std::vector<std::string>>> {
  static std::vector<std::vector<std::vector<std::string>>> all() { return {{}, {{}, {"a", "b"}}}; }
};
template <>
struct Samples<std::array<std::pair<int, int>, 2>> {
  static std::vector<std::array<std::pair<int, int>, 2>> all() { return {{{{1, 2}, {3, 4}}}}; }
};
template <>
struct Samples<std::map<std::string, std::int64_t>> {
  static std::vector<std::map<std::string, std::int64_t>> all() { return {{}, {{"", 0}, {"a", -1}}}; }
};
template <>
struct Samples<std::map<int, Bytes>> {
  static std::vector<std::map<int, Bytes>> all() { return {{}, {{-1, {"a"}}, {2, {"b"}}}}; }
};
template <>
struct Samples<std::unordered_map<std::string, std::optional<bool>>> {
  static std::vector<std::unordered_map<std::string, std::optional<bool>>> all() {
    return {{}, {{"yes", true}, {"unknown", std::nullopt}}};
  }
};
template <>
struct Samples<std::optional<std::vector<int>>> {
  static std::vector<std::optional<std::vector<int>>> all() { return {std::nullopt, {{}}, {{1, 2}}}; }
};
template <>
struct Samples<std::tuple<>> {
  static std::vector<std::tuple<>> all() { return {{}}; }
};
template <>
struct Samples<std::tuple<int, std::string, std::tuple<bool>>> {
  static std::vector<std::tuple<int, std::string, std::tuple<bool>>> all() { return {{1, "a", {true}}}; }
};

template <class T>
class ObjectCodecTest : public testing::Test {};
using Objects = testing::Types<bool, double, float, std::string, Bytes, std::monostate, std::vector<bool>,
                               std::vector<std::vector<std::string>>, std::array<std::pair<int, int>, 2>,
                               std::map<std::string, std::int64_t>, std::map<int, Bytes>,
                               std::unordered_map<std::string, std::optional<bool>>, std::optional<std::vector<int>>,
                               std::tuple<>, std::tuple<int, std::string, std::tuple<bool>>>;
TYPED_TEST_SUITE(ObjectCodecTest, Objects);

TYPED_TEST(ObjectCodecTest, RoundTripKeepsObject) {
  for (auto&& object : Samples<TypeParam>::all()) EXPECT_TRUE(round_trip<TypeParam>(object) == object);
}

TEST(CodecTest, ProtobufMessageTravelsAsAny) {
  google::protobuf::Duration duration;
  duration.set_seconds(90);
  const std::string bytes = encode_value(duration);
  EXPECT_EQ(value_of(bytes).message_value().type_url(), "type.googleapis.com/google.protobuf.Duration");
  EXPECT_EQ(decode_value<google::protobuf::Duration>(bytes).seconds(), 90);
  EXPECT_EQ(Codec<google::protobuf::Duration>::name(), "google.protobuf.Duration");
}

TEST(CodecTest, ValuePassesThrough) {
  v1::Value value;
  value.mutable_opaque_value()->set_codec("pickle5");
  EXPECT_EQ(round_trip(value).opaque_value().codec(), "pickle5");
}

TEST(CodecTest, MapWithTextKeysTravelsAsMapAndOthersAsPairs) {
  EXPECT_TRUE(value_of(encode_value(std::map<std::string, int>{{"a", 1}})).has_map_value());
  const v1::Value pairs = value_of(encode_value(std::map<int, int>{{1, 2}}));
  EXPECT_EQ(pairs.list_value().items(0).list_value().items_size(), 2);
}

// semantics 118
TEST(CodecTest, NothingIsNullAndDecodesAsVoidOrMonostate) {
  EXPECT_EQ(value_of(encode_nothing()).kind_case(), v1::Value::kNullValue);
  EXPECT_EQ(encode_nothing(), encode_value(std::monostate()));
  decode_value<void>(encode_nothing());
  EXPECT_EQ(decode_value<std::optional<int>>(encode_nothing()), std::nullopt);
}

TEST(CodecTest, NoArgumentsAreNoBytes) {
  EXPECT_EQ(encode_arguments(), "");
  EXPECT_EQ(decode_arguments<>("f", ""), std::tuple<>());
}

TEST(CodecTest, ArgumentsRoundTrip) {
  const std::string bytes = encode_arguments(std::uint64_t{7}, "text", std::string_view("view"), std::vector<int>{1});
  EXPECT_EQ((decode_arguments<std::uint64_t, std::string, std::string, std::vector<int>>("f", bytes)),
            std::tuple(std::uint64_t{7}, "text", "view", std::vector<int>{1}));
}

TEST(CodecTest, CallConvertsArgumentsToParameters) {
  const std::string bytes = encode_call<std::uint64_t, std::string, double, std::optional<int>>(7, "text", 2, 3);
  EXPECT_EQ((decode_arguments<std::uint64_t, std::string, double, std::optional<int>>("f", bytes)),
            std::tuple(7U, "text", 2.0, 3));
}

TEST(CodecTest, CallRefusesConversionsThatLose) {
  EXPECT_FALSE((detail::PassableAs<double, int>));
  EXPECT_FALSE((detail::PassableAs<const char*, bool>));
  EXPECT_FALSE((detail::PassableAs<std::string, int>));
  EXPECT_TRUE((detail::PassableAs<int, double>));
}

TEST(CodecTest, LargeValueRoundTrips) {
  const std::vector<std::string> object(1000, std::string(1000, 'x'));
  EXPECT_EQ(round_trip(object), object);
  EXPECT_EQ(std::get<0>(decode_arguments<std::vector<std::string>>("f", encode_arguments(object))), object);
}

}  // namespace
}  // namespace futured
