// ErrorInfo: an exception as data.
#pragma once

#include <exception>
#include <memory>
#include <string>
#include <string_view>

namespace futured {
namespace detail {
// Valid UTF-8 of at most 16 KiB: bytes that are none become question marks.
std::string as_text(std::string_view raw);
}  // namespace detail

struct ErrorInfo {
  // The demangled name of its type.
  std::string type;
  // what(), or a text that there is none. Valid UTF-8, at most 16 KiB.
  std::string message;
  // For languages that have one; empty for C++.
  std::string traceback;
  // What it was thrown for: std::nested_exception, up to 16 deep.
  std::shared_ptr<const ErrorInfo> cause;
};

// REQUIRES: not null. Never throws but std::bad_alloc.
ErrorInfo describe(const std::exception_ptr& exception);

}  // namespace futured
