// Names of the protocol's enumerators, as people use them.
#pragma once

#include <cctype>
#include <string>

namespace futured::cli {

// As the daemon writes IDs.
inline std::string in_small_letters(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// "FUTURE_STATE_PENDING" without "FUTURE_STATE_", in small letters; "unknown" for what this program does not
// know.
inline std::string short_name(const std::string& enumerator, const std::string& prefix) {
  return in_small_letters(enumerator.starts_with(prefix) ? enumerator.substr(prefix.size()) : "unknown");
}

// The inverse.
inline std::string full_name(const std::string& name, const std::string& prefix) {
  std::string enumerator = prefix + name;
  for (char& c : enumerator) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return enumerator;
}

}  // namespace futured::cli
