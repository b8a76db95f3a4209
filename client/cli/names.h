// Names of the protocol's enumerators, as people use them.
#pragma once

#include <cctype>
#include <string>

namespace futured::cli {

// "FUTURE_STATE_PENDING" without "FUTURE_STATE_", in small letters; "unknown" for what this program does not
// know.
inline std::string short_name(const std::string& enumerator, const std::string& prefix) {
  std::string name = enumerator.starts_with(prefix) ? enumerator.substr(prefix.size()) : "unknown";
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return name;
}

// The inverse.
inline std::string full_name(const std::string& name, const std::string& prefix) {
  std::string enumerator = prefix + name;
  for (char& c : enumerator) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return enumerator;
}

}  // namespace futured::cli
