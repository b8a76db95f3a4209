#include <string>
#include <vector>

#include "tests/bench/scenarios.h"
#include "tests/bench/stream_tasks.h"
#include "tests/trace/collector.h"

namespace futured::bench {
namespace {

constexpr int kTasks = 300'000;
constexpr int kWarmUp = 50'000;
// Of so many calls one is traced.
constexpr int kOneOf = 100;
constexpr const char* kTrace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

// A daemon with an executor of the SDK.
struct Traced {
  explicit Traced(const std::vector<std::string>& flags) : daemon(flags), executor(daemon.address()) {
    submit_and_wait(executor, kWarmUp);
  }
  Daemon daemon;
  Executor executor;
};

double rate(const Executor& executor) {
  const auto start = Clock::now();
  const auto futures = submit_and_wait(executor, kTasks);
  const double tasks_per_s = kTasks / since(start).count();
  check_all(futures);
  return tasks_per_s;
}

// One of some calls is part of a trace that its caller records.
double rate_with_callers(const Executor& executor) {
  const Submitter traced = executor.with({.traceparent = kTrace});
  const auto start = Clock::now();
  std::vector<Future<void>> futures;
  futures.reserve(kTasks);
  for (int i = 0; i < kTasks; ++i) futures.push_back(i % kOneOf == 0 ? traced.submit(noop) : executor.submit(noop));
  futured::wait(futures);
  const double tasks_per_s = kTasks / since(start).count();
  check_all(futures);
  return tasks_per_s;
}

}  // namespace

void run_traces(Bench& bench) {
  testing::Collector sink(false);
  const std::string endpoint = "--trace-endpoint=http://" + sink.endpoint().authority();
  const Traced off({});
  const Traced none({endpoint});
  const Traced some({endpoint, "--trace-sample=" + std::to_string(1.0 / kOneOf)});
  Compared none_sampled;
  Compared some_sampled;
  Compared by_callers;
  for (Rounds rounds(bench.time); rounds.next();) {
    none_sampled.add(rate(none.executor), rate(off.executor));
    some_sampled.add(rate(some.executor), rate(off.executor));
    by_callers.add(rate_with_callers(none.executor), rate_with_callers(off.executor));
  }
  bench.report.add("off_tasks_per_s", none_sampled.bare.median(), "1/s");
  bench.report.add("none_sampled_tasks_per_s", none_sampled.own.median(), "1/s");
  bench.report.add("none_sampled_ratio_to_off", none_sampled.ratio.median(), "x");
  bench.report.add("each_100th_tasks_per_s", some_sampled.own.median(), "1/s");
  bench.report.add("each_100th_ratio_to_off", some_sampled.ratio.median(), "x");
  bench.report.add("each_100th_by_callers_tasks_per_s", by_callers.own.median(), "1/s");
  bench.report.add("each_100th_by_callers_ratio_to_off", by_callers.ratio.median(), "x");
  bench.report.add("requests_to_collector", static_cast<double>(sink.seen()), "");
}

}  // namespace futured::bench
