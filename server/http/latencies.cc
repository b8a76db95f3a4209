#include "server/http/latencies.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace futured::http {
namespace {

constexpr double kNanosecond = 1e-9;
// Between two bounds.
constexpr double kFactor = 4;

}  // namespace

void TimeCounts::add(const core::TimeHistogram& histogram) {
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += histogram.count(i);
}

void TimeCounts::subtract(const TimeCounts& earlier) {
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] -= earlier.counts_[i];
}

std::optional<double> TimeCounts::quantile(double share) const {
  double all = 0;
  for (const std::uint64_t count : counts_) all += static_cast<double>(count);
  if (all == 0) return std::nullopt;
  // The place of the value in their order, from 1.
  const double place = std::max(1.0, std::ceil(share * all));
  double below = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    const auto count = static_cast<double>(counts_[i]);
    if (below + count >= place) {
      // The last bucket has no bound: it is as wide as the others.
      const double upper = i + 1 < counts_.size() ? static_cast<double>(core::TimeHistogram::bound(i))
                                                  : kFactor * static_cast<double>(core::TimeHistogram::bound(i - 1));
      return upper * kNanosecond * std::pow(kFactor, (place - below - 0.5) / count - 1);
    }
    below += count;
  }
  return std::nullopt;
}

std::vector<Latencies> latencies_of(const core::TableMetrics& table) {
  std::vector<Latencies> latencies(table.executors.size());
  for (const core::FunctionLatencies& function : table.functions) {
    latencies[function.executor].queueing.add(function.queued);
    latencies[function.executor].running.add(function.ran);
  }
  return latencies;
}

std::vector<Latencies> latencies_since(const std::vector<Latencies>& earlier, std::vector<Latencies> latencies) {
  for (std::size_t i = 0; i < earlier.size() && i < latencies.size(); ++i) {
    latencies[i].queueing.subtract(earlier[i].queueing);
    latencies[i].running.subtract(earlier[i].running);
  }
  return latencies;
}

}  // namespace futured::http
