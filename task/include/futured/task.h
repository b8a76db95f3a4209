// Task<R(Args...)>: a function's name together with its types, declared once for caller and daemon.
//
//   inline constexpr futured::Task<bool(std::uint64_t)> is_prime{"math.is_prime"};
#pragma once

#include <stdexcept>
#include <string_view>
#include <type_traits>

namespace futured {

// Names have 1 to 128 characters of [A-Za-z0-9_.-].
constexpr bool is_function_name(std::string_view name) {
  if (name.empty() || name.size() > 128) return false;
  for (const char c : name) {
    const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (!letter && !(c >= '0' && c <= '9') && c != '_' && c != '.' && c != '-') return false;
  }
  return true;
}

template <class Signature>
struct Task;

// R and Args are plain values: no references.
template <class R, class... Args>
struct Task<R(Args...)> {
  static_assert(!(std::is_reference_v<R> || ... || std::is_reference_v<Args>), "values travel, references can't");

  std::string_view name;

  // In a constant expression a bad name does not compile; elsewhere it throws std::invalid_argument. `the_name` must
  // outlive the task, as a literal does.
  constexpr explicit Task(std::string_view the_name) : name(the_name) {
    if (!is_function_name(name)) {
      throw std::invalid_argument("a function's name has 1 to 128 characters of [A-Za-z0-9_.-]");
    }
  }
};

}  // namespace futured
