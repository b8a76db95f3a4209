// FutureId: the 128 bits that name a future, and SessionId, their random part.
//
// The bits form a UUID of version 8 (RFC 9562, section 5.8): 48 random bits, the version, 12 random bits, the variant,
// 14 random bits, and a 48-bit counter. So all futures of a session differ in their last group only.
#pragma once

#include <atomic>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace futured::core {

// Names an executor in the table: its place in the configuration.
using ExecutorIndex = std::uint16_t;

inline constexpr std::uint64_t kMaxCounter = (std::uint64_t{1} << 48) - 1;

// The 80 bits before the counter: 74 random ones, version and variant.
struct SessionId {
  std::uint64_t high = 0;
  std::uint16_t low = 0;
  auto operator<=>(const SessionId&) const = default;
};

struct FutureId {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  auto operator<=>(const FutureId&) const = default;

  SessionId session() const { return {high, static_cast<std::uint16_t>(low >> 48)}; }
  std::uint64_t counter() const { return low & kMaxCounter; }
};

// REQUIRES: counter <= kMaxCounter.
inline FutureId make_future_id(SessionId session, std::uint64_t counter) {
  return {session.high, std::uint64_t{session.low} << 48 | counter};
}

// A new session of 74 random bits from the system's generator.
SessionId random_session_id();

// The UUID in lower case, 36 characters.
std::string to_string(FutureId id);
// A session is shown as its future number 0.
inline std::string to_string(SessionId session) { return to_string(make_future_id(session, 0)); }

// Accepts a UUID of version 8 in either case; anything else is nullopt.
std::optional<FutureId> parse_future_id(std::string_view text);

// Draws IDs for tasks that come without one. May be used from any thread.
class IdSource {
 public:
  explicit IdSource(SessionId session) : session_(session) {}
  SessionId session() const { return session_; }
  FutureId next() { return make_future_id(session_, counter_.fetch_add(1, std::memory_order_relaxed) & kMaxCounter); }

 private:
  const SessionId session_;
  std::atomic<std::uint64_t> counter_{1};
};

// Hashes two words with a secret, so that nobody who chooses them can aim at collisions.
inline std::size_t hash_words(std::uint64_t high, std::uint64_t low, std::uint64_t secret) {
  std::uint64_t x = (high ^ secret) * 0x9e3779b97f4a7c15u;
  x ^= (x >> 29) ^ low;
  x = (x ^ secret) * 0xbf58476d1ce4e5b9u;
  return static_cast<std::size_t>(x ^ x >> 32);
}

// Each object draws its own secret; copies share it.
class SessionIdHash {
 public:
  SessionIdHash();
  std::size_t operator()(SessionId id) const { return hash_words(id.high, id.low, secret_); }

 private:
  std::uint64_t secret_;
};

}  // namespace futured::core
