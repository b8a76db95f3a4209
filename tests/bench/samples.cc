#include "tests/bench/samples.h"

#include <algorithm>
#include <cstddef>

namespace futured::bench {

double Samples::percentile(double percent) const {
  std::vector<double> sorted = values_;
  const auto place = static_cast<std::size_t>(percent / 100 * static_cast<double>(sorted.size() - 1) + 0.5);
  const auto chosen = sorted.begin() + static_cast<std::ptrdiff_t>(place);
  std::nth_element(sorted.begin(), chosen, sorted.end());
  return *chosen;
}

}  // namespace futured::bench
