#include <stdexcept>
#include <string>
#include <vector>

#include "futured/futured.h"
#include "tests/bench/bare.h"
#include "tests/bench/scenarios.h"
#include "tests/bench/tasks.h"

namespace futured::bench {
namespace {

constexpr int kItems = 200'000;

double map_round(const Executor& executor, const std::vector<std::string>& items) {
  const auto start = Clock::now();
  std::size_t i = 0;
  for (const std::string& result : executor.map(echo, items)) {
    if (result != items[i++]) throw std::runtime_error("a wrong result");
  }
  const double elapsed = since(start).count();
  if (i != items.size()) throw std::runtime_error("results are missing");
  return static_cast<double>(items.size()) / elapsed;
}

}  // namespace

void run_map(Bench& bench) {
  const Executor executor(bench.daemon().address());
  std::vector<std::string> items;
  for (int i = 0; i < kItems; ++i) items.push_back(std::to_string(i));
  map_round(executor, items);
  Compared rates;
  for (Rounds rounds(bench.time); rounds.next();) {
    const double own = map_round(executor, items);
    rates.add(own, bare_stream_round(bench.echo(), 128, Seconds(0.2)).items_per_s);
  }
  bench.report.add("results_per_s", rates.own.median(), "1/s");
  bench.report.add("ratio_to_bare_stream_128", rates.ratio.median(), "x");
}

}  // namespace futured::bench
