#include "futured/kept_message.h"

#include <gtest/gtest.h>

#include <string>

#include "futured/codec.h"

namespace futured {

// Its codec uses the codec: a value within a value, sealed.
struct Sealed {
  int number = 0;
};

template <>
struct Codec<Sealed> {
  static void encode(const Sealed& object, v1::Value& value) { value.set_bytes_value(encode_value(object.number)); }
  static Sealed decode(const v1::Value& value) { return {decode_value<int>(value.bytes_value())}; }
  static std::string name() { return "Sealed"; }
};

namespace {

TEST(KeptMessageTest, SameMessageServesTwiceAndIsClear) {
  const v1::Value* first = nullptr;
  {
    detail::KeptMessage<v1::Value> message;
    first = &*message;
    message->set_int_value(1);
    message.keep(2);
  }
  detail::KeptMessage<v1::Value> message;
  EXPECT_EQ(&*message, first);
  EXPECT_EQ(message->kind_case(), v1::Value::KIND_NOT_SET);
}

TEST(KeptMessageTest, LargeOneIsNotKept) {
  { detail::KeptMessage<v1::Value>().keep(std::size_t{1} << 20); }
  detail::KeptMessage<v1::Value> message;
  EXPECT_EQ(message->kind_case(), v1::Value::KIND_NOT_SET);
}

TEST(KeptMessageTest, CodecMayUseCodec) {
  const std::string bytes = encode_arguments(Sealed{7}, Sealed{8});
  const auto [seven, eight] = decode_arguments<Sealed, Sealed>("f", bytes);
  EXPECT_EQ(seven.number, 7);
  EXPECT_EQ(eight.number, 8);
  EXPECT_EQ(decode_value<std::vector<Sealed>>(encode_value(std::vector<Sealed>{{1}, {2}})).at(1).number, 2);
}

}  // namespace
}  // namespace futured
