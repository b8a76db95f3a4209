// ErrorInfo: an exception as data.
#pragma once

#include <cstddef>
#include <exception>
#include <memory>
#include <string>
#include <string_view>

namespace futured {

// Bounds of an error, so that a whole one (three texts for each cause) is below 1 MiB: it must fit into any message.
inline constexpr std::size_t kLongestErrorText = std::size_t{16} << 10;
inline constexpr int kMostErrorCauses = 16;

// The texts are as error_text() makes them.
struct ErrorInfo {
  // The demangled name of its type.
  std::string type;
  // what(), or a text that there is none.
  std::string message;
  // For languages that have one; empty for C++.
  std::string traceback;
  // What it was thrown for: std::nested_exception. The chain has at most kMostErrorCauses links, with the first.
  std::shared_ptr<const ErrorInfo> cause;
};

// Valid UTF-8 of at most kLongestErrorText bytes: bytes that are none become question marks, and what is too long ends
// in "…[truncated, N bytes]", where N is the size of all of it.
std::string error_text(std::string_view raw);

// REQUIRES: not null. Never throws but std::bad_alloc.
ErrorInfo describe(const std::exception_ptr& exception);

}  // namespace futured
