// Names of the protocol's enumerators, as people use them.
#pragma once

#include <algorithm>
#include <string>

namespace futured::cli {

// "FUTURE_STATE_PENDING" without "FUTURE_STATE_", in small letters.
inline std::string short_name(const std::string& enumerator, const std::string& prefix) {
  std::string name = enumerator.starts_with(prefix) ? enumerator.substr(prefix.size()) : enumerator;
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : static_cast<char>(c);
  });
  return name;
}

}  // namespace futured::cli
