// WireReader: the fields of a protobuf message by their numbers, without knowing its type.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace futured::testing {

// Reads numbers (wire type 0) and what has a length (wire type 2); stops at anything else, or where bytes are missing.
class WireReader {
 public:
  explicit WireReader(const std::string& bytes) {
    for (std::size_t at = 0; at < bytes.size();) {
      const std::uint64_t key = varint(bytes, at);
      const std::uint64_t value = varint(bytes, at);
      if ((key & 7) == 0) {
        numbers_[key >> 3] = value;
      } else if ((key & 7) == 2 && value <= bytes.size() - at) {
        texts_[key >> 3].push_back(bytes.substr(at, static_cast<std::size_t>(value)));
        at += static_cast<std::size_t>(value);
      } else {
        return;
      }
    }
  }

  // The default where there is none.
  std::uint64_t number(std::uint64_t field) const {
    const auto found = numbers_.find(field);
    return found == numbers_.end() ? 0 : found->second;
  }
  std::string text(std::uint64_t field) const {
    const auto found = all(field);
    return found.empty() ? "" : found.back();
  }
  std::vector<std::string> all(std::uint64_t field) const {
    const auto found = texts_.find(field);
    return found == texts_.end() ? std::vector<std::string>() : found->second;
  }

 private:
  static std::uint64_t varint(const std::string& bytes, std::size_t& at) {
    std::uint64_t value = 0;
    for (unsigned shift = 0; at < bytes.size() && shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(bytes[at++]);
      value |= std::uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80) break;
    }
    return value;
  }

  std::map<std::uint64_t, std::uint64_t> numbers_;
  std::map<std::uint64_t, std::vector<std::string>> texts_;
};

}  // namespace futured::testing
