// FUTURED_STRUCT: makes a struct of the user's travel, by listing its members once.
//
//   struct Page { std::string url; int status; futured::Bytes body; };
//   FUTURED_STRUCT(Page, url, status, body);
//
// At namespace scope, beside the struct. It travels as a map from member to value. Members that the receiver does not
// know are ignored; a missing one is an error, unless it is a std::optional.
#pragma once

#include <tuple>
#include <utility>

#define FUTURED_DETAIL_PARENS ()
#define FUTURED_DETAIL_EXPAND(...) FUTURED_DETAIL_EXPAND3(FUTURED_DETAIL_EXPAND3(FUTURED_DETAIL_EXPAND3(__VA_ARGS__)))
#define FUTURED_DETAIL_EXPAND3(...) FUTURED_DETAIL_EXPAND2(FUTURED_DETAIL_EXPAND2(FUTURED_DETAIL_EXPAND2(__VA_ARGS__)))
#define FUTURED_DETAIL_EXPAND2(...) FUTURED_DETAIL_EXPAND1(FUTURED_DETAIL_EXPAND1(FUTURED_DETAIL_EXPAND1(__VA_ARGS__)))
#define FUTURED_DETAIL_EXPAND1(...) __VA_ARGS__
#define FUTURED_DETAIL_MEMBERS(Type, member, ...) \
  std::pair{#member, &Type::member} __VA_OPT__(, FUTURED_DETAIL_MEMBERS_AGAIN FUTURED_DETAIL_PARENS(Type, __VA_ARGS__))
#define FUTURED_DETAIL_MEMBERS_AGAIN() FUTURED_DETAIL_MEMBERS

// Up to 32 members.
#define FUTURED_STRUCT(Type, ...)                                                           \
  [[maybe_unused]] constexpr auto futured_members(const Type*) {                            \
    return std::tuple{FUTURED_DETAIL_EXPAND(FUTURED_DETAIL_MEMBERS(Type, __VA_ARGS__))};    \
  }                                                                                         \
  [[maybe_unused]] constexpr const char* futured_struct_name(const Type*) { return #Type; } \
  static_assert(true, "so that a semicolon may follow")
