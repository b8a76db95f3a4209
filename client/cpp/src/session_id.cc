#include "session_id.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <random>

namespace futured::detail {

SessionId SessionId::random() {
  std::random_device entropy;
  const std::uint32_t first = entropy();
  const std::uint32_t second = entropy();
  const std::uint32_t third = entropy();
  char prefix[32];
  std::snprintf(prefix, sizeof(prefix), "%08" PRIx32 "-%04x-%04x-%04x-", first, second >> 16,
                0x8000U | (second & 0x0fffU), 0x8000U | (third & 0x3fffU));
  return SessionId(prefix);
}

std::string SessionId::future(std::uint64_t counter) const {
  char last[16];
  std::snprintf(last, sizeof(last), "%012" PRIx64, std::uint64_t{counter & 0xffff'ffff'ffffU});
  return prefix_ + last;
}

bool is_future_id(std::string_view text) {
  // x: a hexadecimal digit, v: one of 89ab.
  constexpr std::string_view kShape = "xxxxxxxx-xxxx-8xxx-vxxx-xxxxxxxxxxxx";
  constexpr std::string_view kDigits = "0123456789abcdefABCDEF";
  const auto fits = [&](char c, char shape) {
    if (shape == 'x') return kDigits.find(c) != kDigits.npos;
    if (shape == 'v') return std::string_view("89abAB").find(c) != std::string_view::npos;
    return c == shape;
  };
  return text.size() == kShape.size() && std::equal(text.begin(), text.end(), kShape.begin(), fits);
}

}  // namespace futured::detail
