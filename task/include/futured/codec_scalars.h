// Codecs of what has no parts: bool, numbers, text, bytes, nothing, protobuf messages. Included by codec.h.
#pragma once

#include <google/protobuf/message.h>

#include <concepts>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "futured/bytes.h"
#include "futured/codec_base.h"
#include "futured/v1/value.pb.h"

namespace futured {
namespace detail {

template <class T, class... Others>
inline constexpr bool kIsAnyOf = (std::same_as<T, Others> || ...);

template <class T>
concept Integer = std::integral<T> && !kIsAnyOf<T, bool, char, wchar_t, char8_t, char16_t, char32_t>;
template <class T>
concept Message = std::derived_from<T, google::protobuf::Message> && !std::same_as<T, v1::Value>;

template <Integer T>
constexpr const char* integer_name() {
  constexpr const char* kSigned[] = {"int8", "int16", "int32", "int64"};
  constexpr const char* kUnsigned[] = {"uint8", "uint16", "uint32", "uint64"};
  constexpr int kWidth = sizeof(T) == 1 ? 0 : sizeof(T) == 2 ? 1 : sizeof(T) == 4 ? 2 : 3;
  return std::is_signed_v<T> ? kSigned[kWidth] : kUnsigned[kWidth];
}

}  // namespace detail

template <>
struct Codec<v1::Value> {
  static void encode(const v1::Value& object, v1::Value& value) { value = object; }
  static v1::Value decode(const v1::Value& value) {
    if (value.kind_case() == v1::Value::KIND_NOT_SET) detail::throw_mismatch(name(), value);
    return value;
  }
  static std::string name() { return "any"; }
};

template <>
struct Codec<bool> {
  static void encode(bool object, v1::Value& value) { value.set_bool_value(object); }
  static bool decode(const v1::Value& value) {
    if (!value.has_bool_value()) detail::throw_mismatch(name(), value);
    return value.bool_value();
  }
  static std::string name() { return "bool"; }
};

template <detail::Integer T>
struct Codec<T> {
  static void encode(T object, v1::Value& value) {
    if constexpr (std::is_signed_v<T>) {
      value.set_int_value(object);
    } else {
      value.set_uint_value(object);
    }
  }
  static T decode(const v1::Value& value) {
    using Limits = std::numeric_limits<T>;
    constexpr const char* kName = detail::integer_name<T>();
    if constexpr (std::is_signed_v<T>) {
      return static_cast<T>(detail::decode_signed(value, Limits::min(), Limits::max(), kName));
    } else {
      return static_cast<T>(detail::decode_unsigned(value, Limits::max(), kName));
    }
  }
  static std::string name() { return detail::integer_name<T>(); }
};

template <>
struct Codec<double> {
  static void encode(double object, v1::Value& value) { value.set_double_value(object); }
  static double decode(const v1::Value& value) { return detail::decode_double(value, "double"); }
  static std::string name() { return "double"; }
};

// Decoding rounds to the nearest float; beyond the largest it is an error.
template <>
struct Codec<float> {
  static void encode(float object, v1::Value& value) { value.set_double_value(object); }
  static float decode(const v1::Value& value) { return detail::decode_float(value); }
  static std::string name() { return "float"; }
};

// Text. What is not UTF-8 is an error: wrap it in Bytes.
template <>
struct Codec<std::string> {
  static void encode(const std::string& object, v1::Value& value) { detail::encode_text(object, value); }
  static std::string decode(const v1::Value& value) {
    if (!value.has_string_value()) detail::throw_mismatch(name(), value);
    return value.string_value();
  }
  static std::string name() { return "string"; }
};

// For arguments of calls only: what is decoded must own its text.
template <>
struct Codec<std::string_view> {
  static void encode(std::string_view object, v1::Value& value) { detail::encode_text(object, value); }
  static std::string name() { return "string"; }
};
template <>
struct Codec<const char*> : Codec<std::string_view> {};
template <>
struct Codec<char*> : Codec<std::string_view> {};

template <>
struct Codec<Bytes> {
  static void encode(const Bytes& object, v1::Value& value) { value.set_bytes_value(object.data); }
  static Bytes decode(const v1::Value& value) {
    if (!value.has_bytes_value()) detail::throw_mismatch(name(), value);
    return {value.bytes_value()};
  }
  static std::string name() { return "bytes"; }
};

template <>
struct Codec<std::monostate> {
  static void encode(std::monostate, v1::Value& value) { value.set_null_value(google::protobuf::NULL_VALUE); }
  static std::monostate decode(const v1::Value& value) {
    if (!value.has_null_value()) detail::throw_mismatch(name(), value);
    return {};
  }
  static std::string name() { return "null"; }
};

template <detail::Message T>
struct Codec<T> {
  static void encode(const T& object, v1::Value& value) { detail::encode_message(object, value); }
  static T decode(const v1::Value& value) {
    T message;
    detail::decode_message(value, message);
    return message;
  }
  static std::string name() { return T::descriptor()->full_name(); }
};

}  // namespace futured
