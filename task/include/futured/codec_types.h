// Codec<T>: how each C++ type becomes a futured.v1.Value and comes back. Included by codec.h.
//
// A codec has
//   static void encode(const T&, v1::Value&)    into a cleared value
//   static T decode(const v1::Value&)           throws CodecError
//   static std::string name()                   for error messages and signatures
#pragma once

#include <google/protobuf/message.h>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "futured/bytes.h"
#include "futured/codec_error.h"
#include "futured/struct.h"
#include "futured/v1/value.pb.h"

namespace futured {

template <class T>
struct Codec;

namespace detail {

// "string", "int64 -5": what a value is, for error messages.
std::string describe(const v1::Value& value);
[[noreturn]] void throw_mismatch(const std::string& expected, const v1::Value& given);
// Rethrows an error of a part, with the part's place put before its own.
[[noreturn]] void rethrow_at(const std::string& place, const CodecError& error);

void encode_text(std::string_view text, v1::Value& value);
void encode_message(const google::protobuf::Message& message, v1::Value& value);
void decode_message(const v1::Value& value, google::protobuf::Message& message);
const v1::ValueList& list_of(const v1::Value& value, const std::string& expected);
const v1::ValueMap& map_of(const v1::Value& value, const std::string& expected);
void check_length(const v1::ValueList& list, std::size_t length, const std::string& expected);

std::int64_t signed_of(const v1::Value& value, std::int64_t least, std::int64_t most, const char* expected);
std::uint64_t unsigned_of(const v1::Value& value, std::uint64_t most, const char* expected);
double double_of(const v1::Value& value);

template <class T>
T decode_at(const std::string& place, const v1::Value& value) {
  try {
    return Codec<T>::decode(value);
  } catch (const CodecError& error) {
    rethrow_at(place, error);
  }
}
template <class T>
T decode_item(const v1::ValueList& list, std::size_t i) {
  // The place is made only when it is needed.
  try {
    return Codec<T>::decode(list.items(static_cast<int>(i)));
  } catch (const CodecError& error) {
    rethrow_at("[" + std::to_string(i) + "]", error);
  }
}

template <class T>
concept Integer = std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char>;
template <class T>
concept Message = std::derived_from<T, google::protobuf::Message> && !std::same_as<T, v1::Value>;
template <class T>
concept ListedStruct = requires {
  futured_members(static_cast<const T*>(nullptr));
};

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;

}  // namespace detail

template <>
struct Codec<v1::Value> {
  static void encode(const v1::Value& object, v1::Value& value) { value = object; }
  static v1::Value decode(const v1::Value& value) { return value; }
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
    if constexpr (std::is_signed_v<T>) {
      return static_cast<T>(detail::signed_of(value, Limits::min(), Limits::max(), kName));
    } else {
      return static_cast<T>(detail::unsigned_of(value, Limits::max(), kName));
    }
  }
  static std::string name() { return kName; }

 private:
  static constexpr const char* kName = std::is_signed_v<T> ? (sizeof(T) == 1   ? "int8"
                                                              : sizeof(T) == 2 ? "int16"
                                                              : sizeof(T) == 4 ? "int32"
                                                                               : "int64")
                                                           : (sizeof(T) == 1   ? "uint8"
                                                              : sizeof(T) == 2 ? "uint16"
                                                              : sizeof(T) == 4 ? "uint32"
                                                                               : "uint64");
};

template <std::floating_point T>
struct Codec<T> {
  static void encode(T object, v1::Value& value) { value.set_double_value(static_cast<double>(object)); }
  static T decode(const v1::Value& value) { return static_cast<T>(detail::double_of(value)); }
  static std::string name() { return "double"; }
};

template <>
struct Codec<std::string> {
  // Text that is not UTF-8 is an error: that is what Bytes is for.
  static void encode(const std::string& object, v1::Value& value) { detail::encode_text(object, value); }
  static std::string decode(const v1::Value& value) {
    if (!value.has_string_value()) detail::throw_mismatch(name(), value);
    return value.string_value();
  }
  static std::string name() { return "string"; }
};

// For arguments only: what is decoded must own its text.
template <>
struct Codec<std::string_view> {
  static void encode(std::string_view object, v1::Value& value) { detail::encode_text(object, value); }
  static std::string name() { return "string"; }
};
template <>
struct Codec<const char*> : Codec<std::string_view> {};

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

template <class T>
struct Codec<std::optional<T>> {
  static void encode(const std::optional<T>& object, v1::Value& value) {
    if (object) {
      Codec<T>::encode(*object, value);
    } else {
      value.set_null_value(google::protobuf::NULL_VALUE);
    }
  }
  static std::optional<T> decode(const v1::Value& value) {
    if (value.has_null_value()) return std::nullopt;
    return Codec<T>::decode(value);
  }
  static std::string name() { return "optional<" + Codec<T>::name() + ">"; }
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

template <class T>
struct Codec<std::vector<T>> {
  static void encode(const std::vector<T>& object, v1::Value& value) {
    auto& items = *value.mutable_list_value()->mutable_items();
    items.Reserve(static_cast<int>(object.size()));
    for (const auto& item : object) Codec<T>::encode(item, *items.Add());
  }
  static std::vector<T> decode(const v1::Value& value) {
    const auto& list = detail::list_of(value, name());
    std::vector<T> object;
    object.reserve(static_cast<std::size_t>(list.items_size()));
    for (std::size_t i = 0; i < static_cast<std::size_t>(list.items_size()); ++i) {
      object.push_back(detail::decode_item<T>(list, i));
    }
    return object;
  }
  static std::string name() { return "list<" + Codec<T>::name() + ">"; }
};

namespace detail {

// Tuples, pairs and arrays: a list of fixed length.
template <class T, std::size_t N>
struct FixedListCodec {
  static void encode(const T& object, v1::Value& value) {
    auto& list = *value.mutable_list_value();
    encode_each(object, list, std::make_index_sequence<N>());
  }
  static T decode(const v1::Value& value) {
    const auto& list = list_of(value, Codec<T>::name());
    check_length(list, N, Codec<T>::name());
    return decode_each(list, std::make_index_sequence<N>());
  }

 private:
  template <std::size_t... I>
  static void encode_each(const T& object, v1::ValueList& list, std::index_sequence<I...>) {
    (Codec<std::tuple_element_t<I, T>>::encode(std::get<I>(object), *list.add_items()), ...);
  }
  template <std::size_t... I>
  static T decode_each(const v1::ValueList& list, std::index_sequence<I...>) {
    return T{decode_item<std::tuple_element_t<I, T>>(list, I)...};
  }
};

}  // namespace detail

template <class... T>
struct Codec<std::tuple<T...>> : detail::FixedListCodec<std::tuple<T...>, sizeof...(T)> {
  static std::string name() {
    std::string names;
    ((names += (names.empty() ? "" : ", ") + Codec<T>::name()), ...);
    return "tuple<" + names + ">";
  }
};
template <class A, class B>
struct Codec<std::pair<A, B>> : detail::FixedListCodec<std::pair<A, B>, 2> {
  static std::string name() { return Codec<std::tuple<A, B>>::name(); }
};
template <class T, std::size_t N>
struct Codec<std::array<T, N>> : detail::FixedListCodec<std::array<T, N>, N> {
  static std::string name() { return "list<" + Codec<T>::name() + ", " + std::to_string(N) + ">"; }
};

namespace detail {

template <class M>
struct MapCodec {
  using Key = typename M::key_type;
  using Mapped = typename M::mapped_type;
  static constexpr bool kByText = std::same_as<Key, std::string>;

  static void encode(const M& object, v1::Value& value) {
    if constexpr (kByText) {
      auto& entries = *value.mutable_map_value()->mutable_entries();
      for (const auto& [key, mapped] : object) Codec<Mapped>::encode(mapped, entries[key]);
    } else {
      auto& list = *value.mutable_list_value();
      for (const auto& [key, mapped] : object) {
        auto& entry = *list.add_items()->mutable_list_value();
        Codec<Key>::encode(key, *entry.add_items());
        Codec<Mapped>::encode(mapped, *entry.add_items());
      }
    }
  }
  static M decode(const v1::Value& value) {
    M object;
    if constexpr (kByText) {
      for (const auto& [key, mapped] : map_of(value, name()).entries()) {
        object.emplace(key, decode_at<Mapped>("[\"" + key + "\"]", mapped));
      }
    } else {
      for (auto& [key, mapped] : Codec<std::vector<std::pair<Key, Mapped>>>::decode(value)) {
        object.emplace(std::move(key), std::move(mapped));
      }
    }
    return object;
  }
  static std::string name() { return "map<" + Codec<Key>::name() + ", " + Codec<Mapped>::name() + ">"; }
};

}  // namespace detail

template <class K, class V, class C, class A>
struct Codec<std::map<K, V, C, A>> : detail::MapCodec<std::map<K, V, C, A>> {};
template <class K, class V, class H, class E, class A>
struct Codec<std::unordered_map<K, V, H, E, A>> : detail::MapCodec<std::unordered_map<K, V, H, E, A>> {};

template <detail::ListedStruct T>
struct Codec<T> {
  static void encode(const T& object, v1::Value& value) {
    auto& entries = *value.mutable_map_value()->mutable_entries();
    for_each_member([&](const char* member, auto pointer) {
      using Member = std::remove_cvref_t<decltype(object.*pointer)>;
      Codec<Member>::encode(object.*pointer, entries[member]);
    });
  }
  static T decode(const v1::Value& value) {
    const auto& entries = detail::map_of(value, name()).entries();
    T object{};
    for_each_member([&](const char* member, auto pointer) {
      using Member = std::remove_cvref_t<decltype(object.*pointer)>;
      const auto entry = entries.find(member);
      if (entry != entries.end()) {
        object.*pointer = detail::decode_at<Member>("." + std::string(member), entry->second);
      } else if constexpr (!detail::kIsOptional<Member>) {
        throw CodecError("", name() + ": member \"" + member + "\" is missing");
      }
    });
    return object;
  }
  static std::string name() { return futured_struct_name(static_cast<const T*>(nullptr)); }

 private:
  template <class F>
  static void for_each_member(F f) {
    std::apply([&](auto... member) { (f(member.first, member.second), ...); },
               futured_members(static_cast<const T*>(nullptr)));
  }
};

}  // namespace futured
