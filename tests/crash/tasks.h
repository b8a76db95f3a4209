// The tasks of the crash tests. From a task's number follow its options, what it does and what may come of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>

namespace futured::crash {

// The counter of a future in its session, and which of the run's sessions that is.
struct Key {
  std::uint32_t session = 0;
  std::uint64_t counter = 0;
  auto operator<=>(const Key&) const = default;
};

// As one word. REQUIRES: counter below 2^40.
constexpr std::uint64_t pack(Key key) { return std::uint64_t{key.session} << 40 | key.counter; }
constexpr Key unpack(std::uint64_t word) {
  return {static_cast<std::uint32_t>(word >> 40), word & ((std::uint64_t{1} << 40) - 1)};
}

// The sessions, by what speaks for them and the executor that they use.
inline constexpr std::uint32_t kUnary = 1;
inline constexpr std::uint32_t kThreadSession = 2;
inline constexpr std::uint32_t kProcessSession = 3;
constexpr bool is_on_thread(std::uint64_t key) { return unpack(key).session != kProcessSession; }
inline constexpr std::uint64_t kThreadWorkers = 6;
inline constexpr std::uint64_t kProcessWorkers = 2;

// plugin.cc: crash.run(key, microseconds, padding) returns value_of(key), or throws std::domain_error in an attempt
// before succeeds_at(key).
inline constexpr const char* kFunction = "crash.run";
// The same by another name, so that the daemon does not expect all tasks to take long.
inline constexpr const char* kLongFunction = "crash.run_long";
// "LIFE PATH": the number of the daemon's life, and the file of executions.
inline constexpr const char* kExecutionsVariable = "CRASH_EXECUTIONS";

constexpr std::uint64_t value_of(std::uint64_t key) { return (key ^ key >> 7) * 0x9e3779b97f4a7c15u; }

enum class Kind {
  // No options.
  kDefault,
  kAtMostOnce,
  // Up to kMostAttempts, with delays of milliseconds.
  kRetrying,
  // Begins a little after its submission.
  kDelayed,
  // May end in time, or fail because it does not.
  kExpiring,
  // Would begin after it has expired.
  kNeverDue,
  // Has a priority, and labels.
  kUrgent,
};
inline constexpr std::uint64_t kMostAttempts = 3;

// Sixteen that follow each other are alike, so that they travel together.
constexpr Kind kind_of(std::uint64_t key) {
  switch (key / 16 % 16) {
    case 0:
    case 9:
      return Kind::kAtMostOnce;
    case 2:
    case 11:
      return Kind::kRetrying;
    case 4:
      return Kind::kDelayed;
    case 6:
      return Kind::kExpiring;
    case 12:
      return Kind::kUrgent;
    case 14:
      return Kind::kNeverDue;
    default:
      return Kind::kDefault;
  }
}

constexpr std::uint64_t attempts_of(std::uint64_t key) { return kind_of(key) == Kind::kRetrying ? kMostAttempts : 1; }

// The first attempt that does not fail.
inline constexpr std::uint64_t kNoAttempt = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t succeeds_at(std::uint64_t key) {
  if (kind_of(key) != Kind::kRetrying) return key % 16 == 5 ? kNoAttempt : 1;
  return key % 4 == 1 ? kNoAttempt : key % 4 == 0 ? 1 : key % 4;
}
constexpr bool fails(std::uint64_t key) { return succeeds_at(key) == kNoAttempt; }

// The client tries to cancel it.
constexpr bool is_cancelled(std::uint64_t key) { return key % 64 == 9; }

// Runs so long that a crash is likely to find it running, with the record of its start safe. Some default tasks, some
// that run at most once, and some that expire meanwhile.
constexpr bool is_long(std::uint64_t key) { return key % 1024 == 19 || key % 1024 == 147 || key % 2048 == 99; }
constexpr const char* function_of(std::uint64_t key) { return is_long(key) ? kLongFunction : kFunction; }
inline constexpr std::chrono::milliseconds kLongTime{700};
inline constexpr std::chrono::milliseconds kExpiresAfter{300};

// How long it runs.
constexpr std::uint64_t microseconds_of(std::uint64_t key) {
  if (is_long(key)) return std::chrono::microseconds(kLongTime).count();
  if (is_cancelled(key)) return 2000;
  if (kind_of(key) == Kind::kRetrying && key % 8 == 6) return 3000;
  return key % 64 == 2 ? 1000 * (1 + key / 64 % 8) : 0;
}
// Some are large, so that the write-ahead log grows.
inline std::string padding_of(std::uint64_t key) { return std::string(key % 32 == 7 ? 6000 : 20, 'p'); }

}  // namespace futured::crash
