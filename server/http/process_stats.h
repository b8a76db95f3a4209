// ProcessStats: what the system says of this process.
#pragma once

#include <cstdint>

namespace futured::http {

// Zero where the system does not say.
struct ProcessStats {
  double cpu_seconds = 0;
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t open_descriptors = 0;
  std::uint64_t max_descriptors = 0;
  std::uint64_t threads = 0;
  // Since 1970.
  double start_seconds = 0;
};

// Reads /proc. Thread-safe.
ProcessStats process_stats();

}  // namespace futured::http
