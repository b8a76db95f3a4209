// The tasks of the crash tests. From a task's number follow what it does and what may come of it.
#pragma once

#include <cstdint>
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

// plugin.cc: crash.run(key, microseconds, padding) returns value_of(key), or throws std::domain_error if it fails.
inline constexpr const char* kFunction = "crash.run";
// "LIFE PATH": the number of the daemon's life, and the file of executions.
inline constexpr const char* kExecutionsVariable = "CRASH_EXECUTIONS";

constexpr std::uint64_t value_of(std::uint64_t key) { return (key ^ key >> 7) * 0x9e3779b97f4a7c15u; }

constexpr bool fails(std::uint64_t key) { return key % 16 == 5; }
// The client tries to cancel it.
constexpr bool is_cancelled(std::uint64_t key) { return key % 64 == 9; }
// How long it runs.
constexpr std::uint64_t microseconds_of(std::uint64_t key) {
  if (is_cancelled(key)) return 2000;
  return key % 64 == 2 ? 1000 * (1 + key / 64 % 8) : 0;
}
// Some are large, so that the write-ahead log grows.
inline std::string padding_of(std::uint64_t key) { return std::string(key % 32 == 7 ? 6000 : 20, 'p'); }

}  // namespace futured::crash
