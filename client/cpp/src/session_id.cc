#include "session_id.h"

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

}  // namespace futured::detail
