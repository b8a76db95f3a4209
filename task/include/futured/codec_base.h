// What the codecs of all types stand on. Included by codec.h; of use to who writes a Codec of their own.
//
// Codec<T> says how a C++ type becomes a futured.v1.Value and comes back:
//   static void encode(const T&, v1::Value&)    into a cleared value; throws CodecError
//   static T decode(const v1::Value&)           throws CodecError
//   static std::string name()                   for error messages and signatures
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "futured/codec_error.h"
#include "futured/v1/value.pb.h"

namespace futured {

namespace detail {
template <class T>
inline constexpr bool kCanTravel = false;
}  // namespace detail

template <class T>
struct Codec {
  static_assert(detail::kCanTravel<T>, "this type cannot travel; list the members of a struct with FUTURED_STRUCT");
};

namespace detail {

// What a value is, for error messages: "string \"abc\"", "integer -5", "a list of 3".
std::string describe(const v1::Value& value);
[[noreturn]] void throw_mismatch(const std::string& expected, const v1::Value& given);
[[noreturn]] void throw_misfit(const std::string& number, const std::string& expected);
// Throws the error of a part again, with the part's place before its own.
[[noreturn]] void rethrow_at(const std::string& place, const CodecError& error);

// Calls f, which converts a part. `place` makes the part's place, and is called only when there is an error.
template <class Place, class F>
decltype(auto) at_place(Place place, F f) {
  try {
    return f();
  } catch (const CodecError& error) {
    rethrow_at(place(), error);
  }
}
inline auto at_index(std::size_t i) {
  return [i] { return "[" + std::to_string(i) + "]"; };
}
inline auto at_key(const std::string& key) {
  return [&key] { return "[\"" + key + "\"]"; };
}
inline auto at_member(const char* member) {
  return [member] { return "." + std::string(member); };
}

// Throws unless it is UTF-8.
void check_text(std::string_view text);
void encode_text(std::string_view text, v1::Value& value);
void encode_message(const google::protobuf::Message& message, v1::Value& value);
void decode_message(const v1::Value& value, google::protobuf::Message& message);
// Throws unless the list has this length.
void check_length(const v1::ValueList& list, std::size_t length, std::string (*name_of_type)());

std::int64_t decode_signed(const v1::Value& value, std::int64_t least, std::int64_t most, const char* expected);
std::uint64_t decode_unsigned(const v1::Value& value, std::uint64_t most, const char* expected);
// A double, or an integer that is one exactly.
double decode_double(const v1::Value& value, const char* expected);
float decode_float(const v1::Value& value);

}  // namespace detail
}  // namespace futured
