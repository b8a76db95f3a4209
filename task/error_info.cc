#include "futured/error_info.h"

#include <cxxabi.h>

#include <algorithm>
#include <boost/core/demangle.hpp>
#include <string_view>
#include <typeinfo>

#include "futured/valid_text.h"

namespace futured {
namespace {

std::string current_type() {
  const std::type_info* type = abi::__cxa_current_exception_type();
  return type == nullptr ? "unknown" : error_text(boost::core::demangle(type->name()));
}

// std::throw_with_nested() throws what it is given as a base of a type of libstdc++.
std::string without_nesting(std::string type) {
  constexpr std::string_view kNested = "std::_Nested_exception<";
  if (!type.starts_with(kNested) || !type.ends_with('>')) return type;
  type = type.substr(kNested.size(), type.size() - kNested.size() - 1);
  // Between two of them.
  if (type.ends_with(' ')) type.pop_back();
  return type;
}

ErrorInfo describe(const std::exception_ptr& exception, int depth) {
  ErrorInfo info;
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& error) {
    info.type = error_text(without_nesting(boost::core::demangle(typeid(error).name())));
    info.message = error_text(error.what());
    const auto* nested = dynamic_cast<const std::nested_exception*>(&error);
    if (nested != nullptr && nested->nested_ptr() != nullptr && depth < kMostErrorCauses) {
      info.cause = std::make_shared<const ErrorInfo>(describe(nested->nested_ptr(), depth + 1));
    }
  } catch (const std::string& text) {
    info = {"std::string", error_text(text), "", nullptr};
  } catch (const char* text) {
    info = {"const char*", error_text(text), "", nullptr};
  } catch (...) {
    info.type = current_type();
    info.message = "an exception that is no std::exception";
  }
  return info;
}

}  // namespace

std::string error_text(std::string_view raw) {
  if (raw.size() <= kLongestErrorText) return valid_text(raw, raw.size());
  const std::string note = "…[truncated, " + std::to_string(raw.size()) + " bytes]";
  return valid_text(raw, kLongestErrorText - note.size()) + note;
}

ErrorInfo describe(const std::exception_ptr& exception) { return describe(exception, 1); }

}  // namespace futured
