// Latencies: how long tasks of each executor waited and ran between two looks at the figures, as quantiles.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "server/core/histogram.h"
#include "server/core/table_metrics.h"

namespace futured::http {

// Counts by the buckets of a TimeHistogram. Those of several can be added, and earlier ones taken off.
class TimeCounts {
 public:
  void add(const core::TimeHistogram& histogram);
  // REQUIRES: they are of the same histograms, earlier.
  void subtract(const TimeCounts& earlier);
  // In seconds; nothing: there are none. As exact as the buckets, within which values are taken to be spread evenly on
  // a logarithmic scale, one alone in the middle of its bucket. `share`: 0.5 for the median.
  std::optional<double> quantile(double share) const;

 private:
  std::array<std::uint64_t, core::TimeHistogram::kBuckets> counts_{};
};

// Of one executor.
struct Latencies {
  TimeCounts queueing;
  TimeCounts running;
};

// By executor: of all attempts that have ended since the daemon started.
std::vector<Latencies> latencies_of(const core::TableMetrics& table);
// Of those that have ended since `earlier`.
std::vector<Latencies> latencies_since(const std::vector<Latencies>& earlier, std::vector<Latencies> latencies);

}  // namespace futured::http
