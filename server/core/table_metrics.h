// TableMetrics: what the table can be watched by. Plain copies, taken at one moment.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "server/core/clock.h"
#include "server/core/function_latencies.h"
#include "server/core/outcome.h"
#include "server/core/snapshot.h"

namespace futured::core {

inline constexpr std::size_t kOrigins = static_cast<std::size_t>(Origin::kExecutor) + 1;

struct ExecutorMetrics {
  ExecutorSnapshot snapshot;
  // Of the pending ones: those whose time has not come.
  std::uint64_t delayed = 0;
  // Attempts that failed and are followed by another.
  std::uint64_t retried = 0;
  // Futures that failed, by Origin.
  std::array<std::uint64_t, kOrigins> failures{};
  // For how long the oldest of those that only lack a worker might have begun. Nothing: there is none. Where more than
  // 1,024 sessions with a limit of their own have some, it is of the first of these.
  std::optional<Duration> oldest_pending;
};

struct TableMetrics {
  TableStats stats;
  // In the order of their indices.
  std::vector<ExecutorMetrics> executors;
  // The names belong to the table.
  std::vector<FunctionLatencies> functions;
  bool draining = false;
};

}  // namespace futured::core
