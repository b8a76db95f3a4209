// Codecs of what has parts: optional, vector, tuple, pair, array, maps. Included by codec.h.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "futured/codec_base.h"
#include "futured/v1/value.pb.h"

namespace futured {
namespace detail {

template <class T>
void encode_item(const T& item, std::size_t i, v1::ValueList& list) {
  at_place(at_index(i), [&] { Codec<T>::encode(item, *list.add_items()); });
}
template <class T>
T decode_item(const v1::ValueList& list, std::size_t i) {
  return at_place(at_index(i), [&] { return Codec<T>::decode(list.items(static_cast<int>(i))); });
}

// "int64, string"
template <class... T>
std::string type_names() {
  std::string names;
  ((names += (names.empty() ? "" : ", ") + Codec<T>::name()), ...);
  return names;
}

}  // namespace detail

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

template <class T, class A>
struct Codec<std::vector<T, A>> {
  static void encode(const std::vector<T, A>& object, v1::Value& value) {
    auto& list = *value.mutable_list_value();
    list.mutable_items()->Reserve(static_cast<int>(object.size()));
    for (std::size_t i = 0; i < object.size(); ++i) detail::encode_item<T>(object[i], i, list);
  }
  static std::vector<T, A> decode(const v1::Value& value) {
    if (!value.has_list_value()) detail::throw_mismatch(name(), value);
    const v1::ValueList& list = value.list_value();
    const auto size = static_cast<std::size_t>(list.items_size());
    std::vector<T, A> object;
    object.reserve(size);
    for (std::size_t i = 0; i < size; ++i) object.push_back(detail::decode_item<T>(list, i));
    return object;
  }
  static std::string name() { return "list<" + Codec<T>::name() + ">"; }
};

namespace detail {

// Tuples, pairs and arrays: a list of fixed length.
template <class T, std::size_t N>
struct FixedListCodec {
  static void encode(const T& object, v1::Value& value) {
    encode_each(object, *value.mutable_list_value(), std::make_index_sequence<N>());
  }
  static T decode(const v1::Value& value) {
    if (!value.has_list_value()) throw_mismatch(Codec<T>::name(), value);
    check_length(value.list_value(), N, &Codec<T>::name);
    return decode_each(value.list_value(), std::make_index_sequence<N>());
  }

 private:
  template <std::size_t... I>
  static void encode_each(const T& object, [[maybe_unused]] v1::ValueList& list, std::index_sequence<I...>) {
    (encode_item<std::tuple_element_t<I, T>>(std::get<I>(object), I, list), ...);
  }
  // Braces keep the order.
  template <std::size_t... I>
  static T decode_each([[maybe_unused]] const v1::ValueList& list, std::index_sequence<I...>) {
    return T{decode_item<std::tuple_element_t<I, T>>(list, I)...};
  }
};

}  // namespace detail

template <class... T>
struct Codec<std::tuple<T...>> : detail::FixedListCodec<std::tuple<T...>, sizeof...(T)> {
  static std::string name() { return "tuple<" + detail::type_names<T...>() + ">"; }
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

// Keyed by text: a map. Keyed by anything else: a list of [key, value].
template <class M>
struct MapCodec {
  using Key = typename M::key_type;
  using Mapped = typename M::mapped_type;
  static constexpr bool kByText = std::same_as<Key, std::string>;

  static void encode(const M& object, v1::Value& value) {
    if constexpr (kByText) {
      encode_by_text(object, *value.mutable_map_value()->mutable_entries());
    } else {
      encode_pairs(object, *value.mutable_list_value());
    }
  }
  static M decode(const v1::Value& value) {
    M object;
    if constexpr (kByText) {
      if (!value.has_map_value()) throw_mismatch(name(), value);
      for (const auto& entry : value.map_value().entries()) {
        object.emplace(entry.first, at_place(at_key(entry.first), [&] { return Codec<Mapped>::decode(entry.second); }));
      }
    } else {
      if (!value.has_list_value()) throw_mismatch(name(), value);
      for (auto& [key, mapped] : Codec<std::vector<std::pair<Key, Mapped>>>::decode(value)) {
        object.emplace(std::move(key), std::move(mapped));
      }
    }
    return object;
  }
  static std::string name() { return "map<" + type_names<Key, Mapped>() + ">"; }

 private:
  template <class Entries>
  static void encode_by_text(const M& object, Entries& entries) {
    for (const auto& entry : object) {
      check_text(entry.first);
      at_place(at_key(entry.first), [&] { Codec<Mapped>::encode(entry.second, entries[entry.first]); });
    }
  }
  static void encode_pairs(const M& object, v1::ValueList& list) {
    std::size_t i = 0;
    for (const auto& entry : object) {
      auto& pair = *list.add_items()->mutable_list_value();
      at_place(at_index(i++), [&] {
        encode_item<Key>(entry.first, 0, pair);
        encode_item<Mapped>(entry.second, 1, pair);
      });
    }
  }
};

}  // namespace detail

template <class K, class V, class C, class A>
struct Codec<std::map<K, V, C, A>> : detail::MapCodec<std::map<K, V, C, A>> {};
template <class K, class V, class H, class E, class A>
struct Codec<std::unordered_map<K, V, H, E, A>> : detail::MapCodec<std::unordered_map<K, V, H, E, A>> {};

}  // namespace futured
