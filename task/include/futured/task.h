// Task<R(Args...)>: a function's name together with its types, declared once for caller and daemon.
//
//   inline constexpr futured::Task<bool(std::uint64_t)> is_prime{"math.is_prime"};
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

#include "futured/codec.h"

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
class Task;

// R and Args are plain values: no references.
template <class R, class... Args>
class Task<R(Args...)> {
  static_assert(!(std::is_reference_v<R> || ... || std::is_reference_v<Args>), "values travel, references can't");

 public:
  // In a constant expression a bad name does not compile; elsewhere it throws std::invalid_argument. The name's
  // characters must outlive the task, as a literal does.
  constexpr explicit Task(std::string_view name) : name_(name) {
    if (!is_function_name(name)) {
      throw std::invalid_argument("a function's name has 1 to 128 characters of [A-Za-z0-9_.-]");
    }
  }

  constexpr std::string_view name() const { return name_; }
  // For people: "bool(uint64)".
  std::string signature() const { return signature_of<R, Args...>(); }

 private:
  std::string_view name_;
};

}  // namespace futured
