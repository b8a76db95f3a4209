// Limits: what the table accepts and keeps. Every one is an option of the daemon.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "server/core/clock.h"

namespace futured::core {

struct Limits {
  // Futures that have not finished.
  std::uint64_t max_pending = 1'000'000;
  // Bytes of their arguments.
  std::uint64_t max_pending_bytes = std::uint64_t{1} << 30;
  // How long an attempt may run, of tasks that do not say; the others may not say more. Unset: for ever.
  std::optional<Duration> max_timeout = {};
  // How long an outcome is kept, when its task does not say.
  Duration retention = std::chrono::hours(1);
  // Finished futures kept; above it the oldest are forgotten.
  std::uint64_t max_retained = 1'000'000;
  // Bytes of their values and errors, and of the arguments of those that have not succeeded.
  std::uint64_t max_retained_bytes = std::uint64_t{1} << 30;
  // Lines kept of what one future logs, and the bytes of their texts; above it the oldest are dropped.
  std::uint64_t max_log_lines = 1'000;
  std::uint64_t max_log_bytes = std::uint64_t{64} << 10;
  // Memory that the lines of all futures take, in bytes; above it the oldest of all are dropped.
  std::uint64_t max_log_memory = std::uint64_t{256} << 20;
  // Subscribers: Result, Wait and AsCompleted calls, and sessions.
  std::uint64_t max_subscribers = 20'000;
  // What a client is told to wait before it tries a full daemon again.
  std::chrono::milliseconds retry_delay{100};
};

}  // namespace futured::core
