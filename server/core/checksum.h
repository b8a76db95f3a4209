// Checksum: a number that tells bytes from others. What is stored is compared by it, so it stays as it is.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace futured::core {

// Each step can be undone, so a change of one number or of one word of a text always changes the result. The same on
// every little-endian machine.
class Checksum {
 public:
  Checksum& add(std::uint64_t word) {
    sum_ = (sum_ ^ word) * 0x9e3779b97f4a7c15u;
    sum_ ^= sum_ >> 32;
    return *this;
  }
  Checksum& add(std::string_view bytes) {
    add(std::uint64_t{bytes.size()});
    while (bytes.size() >= sizeof(std::uint64_t)) {
      std::uint64_t word;
      std::memcpy(&word, bytes.data(), sizeof(word));
      add(word);
      bytes.remove_prefix(sizeof(word));
    }
    if (bytes.empty()) return *this;
    std::uint64_t rest = 0;
    std::memcpy(&rest, bytes.data(), bytes.size());
    return add(rest);
  }
  // As SQLite stores numbers.
  std::int64_t value() const { return static_cast<std::int64_t>(sum_); }

 private:
  std::uint64_t sum_ = 0;
};

}  // namespace futured::core
