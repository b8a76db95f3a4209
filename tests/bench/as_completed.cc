#include <string>
#include <vector>

#include "futured/futured.h"
#include "tests/bench/bare.h"
#include "tests/bench/scenarios.h"
#include "tests/bench/tasks.h"

namespace futured::bench {
namespace {

// Nanoseconds for each completion, from the moment at which none of the futures is done.
double as_completed_round(Daemon& daemon, const Executor& executor, int count) {
  daemon.pause();
  std::vector<Future<void>> futures;
  futures.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) futures.push_back(executor.submit(noop));
  // Its answer follows those to all submits before it.
  executor.submit(noop).cancel();
  const auto start = Clock::now();
  daemon.resume();
  int completed = 0;
  for (auto& future : as_completed(futures)) {
    future.result();
    ++completed;
  }
  const double elapsed = since(start).count();
  if (completed != count) throw std::runtime_error("futures are missing");
  return elapsed / count * 1e9;
}

}  // namespace

void run_as_completed_100k(Bench& bench) {
  const Executor executor(bench.daemon().address());
  as_completed_round(bench.daemon(), executor, 100'000);
  Samples least;
  Samples middle;
  Compared most;
  Samples growth;
  for (Rounds rounds(bench.time); rounds.next();) {
    Samples thousand;
    for (int i = 0; i < 10; ++i) thousand.add(as_completed_round(bench.daemon(), executor, 1'000));
    least.add(thousand.median());
    middle.add(as_completed_round(bench.daemon(), executor, 10'000));
    const double own = as_completed_round(bench.daemon(), executor, 100'000);
    most.add(own, 1e9 / bare_stream_round(bench.echo(), 128, Seconds(0.2)).items_per_s);
    growth.add(own / thousand.median());
  }
  bench.report.add("ns_each_of_1k", least.median(), "ns");
  bench.report.add("ns_each_of_10k", middle.median(), "ns");
  bench.report.add("ns_each_of_100k", most.own.median(), "ns");
  bench.report.add("ratio_of_100k_to_1k", growth.median(), "x");
  bench.report.add("ratio_to_bare_stream_128", most.ratio.median(), "x");
}

}  // namespace futured::bench
