// FUTURED_STRUCT: makes a struct of the user's travel, by listing its members once.
//
//   struct Page { std::string url; int status; futured::Bytes body; };
//   FUTURED_STRUCT(Page, url, status, body);
//
// At namespace scope, in the struct's namespace. Up to 32 members; those not listed do not travel. The struct must be
// default constructible. It travels as a map from member to value: entries that the receiver does not know are ignored,
// a missing one is an error unless the member is a std::optional.
#pragma once

#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "futured/codec_base.h"
#include "futured/v1/value.pb.h"

namespace futured {
namespace detail {

// Finds the lists by argument-dependent look-up: of this very type, not of a base.
template <class T>
struct Listed {};

template <class T>
concept ListedStruct = requires {
  futured_members(Listed<T>());
};

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;

}  // namespace detail

template <detail::ListedStruct T>
struct Codec<T> {
  static void encode(const T& object, v1::Value& value) {
    auto& entries = *value.mutable_map_value()->mutable_entries();
    for_each_member([&](const char* name, auto member) {
      using Member = std::remove_cvref_t<decltype(object.*member)>;
      detail::at_place(detail::at_member(name), [&] { Codec<Member>::encode(object.*member, entries[name]); });
    });
  }
  static T decode(const v1::Value& value) {
    if (!value.has_map_value()) detail::throw_mismatch(name(), value);
    const auto& entries = value.map_value().entries();
    T object{};
    for_each_member([&](const char* member_name, auto member) {
      using Member = std::remove_cvref_t<decltype(object.*member)>;
      const auto entry = entries.find(member_name);
      if (entry != entries.end()) {
        object.*member =
            detail::at_place(detail::at_member(member_name), [&] { return Codec<Member>::decode(entry->second); });
      } else if constexpr (!detail::kIsOptional<Member>) {
        throw CodecError("", name() + " lacks its member \"" + member_name + "\"");
      }
    });
    return object;
  }
  static std::string name() { return futured_struct_name(detail::Listed<T>()); }

 private:
  template <class F>
  static void for_each_member(F f) {
    std::apply([&](auto... member) { (f(member.first, member.second), ...); }, futured_members(detail::Listed<T>()));
  }
};

}  // namespace futured

// Each level scans its arguments three times as often as the one below: enough for 32 members.
#define FUTURED_DETAIL_PARENS ()
#define FUTURED_DETAIL_EXPAND(...) FUTURED_DETAIL_EXPAND3(FUTURED_DETAIL_EXPAND3(FUTURED_DETAIL_EXPAND3(__VA_ARGS__)))
#define FUTURED_DETAIL_EXPAND3(...) FUTURED_DETAIL_EXPAND2(FUTURED_DETAIL_EXPAND2(FUTURED_DETAIL_EXPAND2(__VA_ARGS__)))
#define FUTURED_DETAIL_EXPAND2(...) FUTURED_DETAIL_EXPAND1(FUTURED_DETAIL_EXPAND1(FUTURED_DETAIL_EXPAND1(__VA_ARGS__)))
#define FUTURED_DETAIL_EXPAND1(...) __VA_ARGS__
#define FUTURED_DETAIL_MEMBERS(Type, member, ...) \
  std::pair{#member, &Type::member} __VA_OPT__(, FUTURED_DETAIL_MEMBERS_AGAIN FUTURED_DETAIL_PARENS(Type, __VA_ARGS__))
#define FUTURED_DETAIL_MEMBERS_AGAIN() FUTURED_DETAIL_MEMBERS

#define FUTURED_STRUCT(Type, ...)                                                                               \
  [[maybe_unused]] constexpr auto futured_members(::futured::detail::Listed<Type>) {                            \
    return std::make_tuple(FUTURED_DETAIL_EXPAND(FUTURED_DETAIL_MEMBERS(Type, __VA_ARGS__)));                   \
  }                                                                                                             \
  [[maybe_unused]] constexpr const char* futured_struct_name(::futured::detail::Listed<Type>) { return #Type; } \
  static_assert(true, "so that a semicolon may follow")
