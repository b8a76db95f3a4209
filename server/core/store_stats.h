// StoreStats: what a store can be watched by.
#pragma once

#include <cstdint>

#include "server/core/histogram.h"

namespace futured::core {

struct StoreStats {
  // Of each commit: changes of futures, and what it took, with its sync.
  CountHistogram changes;
  TimeHistogram durations;
  // Commits that failed and were tried again.
  std::uint64_t retries = 0;
  // Bytes. `disk_free`: what is left on the disk for the daemon.
  std::uint64_t log_bytes = 0;
  std::uint64_t database_bytes = 0;
  std::uint64_t disk_free = 0;
};

}  // namespace futured::core
