#include "server/core/ids.h"

#include <random>

namespace futured::core {
namespace {

constexpr std::uint64_t kVersion = std::uint64_t{8} << 12;
constexpr std::uint64_t kVersionMask = std::uint64_t{0xf} << 12;
constexpr std::uint64_t kVariant = std::uint64_t{2} << 62;
constexpr std::uint64_t kVariantMask = std::uint64_t{3} << 62;

std::uint64_t random_word(std::random_device& device) { return std::uint64_t{device()} << 32 | device(); }

bool is_dash_position(std::size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

SessionId random_session_id() {
  std::random_device device;
  const std::uint64_t high = (random_word(device) & ~kVersionMask) | kVersion;
  const std::uint64_t low = (random_word(device) & ~kVariantMask) | kVariant;
  return {high, static_cast<std::uint16_t>(low >> 48)};
}

SessionIdHash::SessionIdHash() {
  std::random_device device;
  secret_ = random_word(device);
}

std::string to_string(FutureId id) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text(36, '-');
  int nibble = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_dash_position(i)) continue;
    const std::uint64_t word = nibble < 16 ? id.high : id.low;
    text[i] = kDigits[word >> (60 - 4 * (nibble % 16)) & 0xf];
    ++nibble;
  }
  return text;
}

std::optional<FutureId> parse_future_id(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  FutureId id;
  int nibble = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_dash_position(i)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const int digit = hex_digit(text[i]);
    if (digit < 0) return std::nullopt;
    std::uint64_t& word = nibble < 16 ? id.high : id.low;
    word = word << 4 | static_cast<std::uint64_t>(digit);
    ++nibble;
  }
  if ((id.high & kVersionMask) != kVersion || (id.low & kVariantMask) != kVariant) return std::nullopt;
  return id;
}

}  // namespace futured::core
