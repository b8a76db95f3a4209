#include <memory>
#include <stdexcept>

#include "tests/bench/bare.h"
#include "tests/bench/scenarios.h"
#include "tests/bench/stream_tasks.h"

namespace futured::bench {
namespace {

constexpr int kCalls = 1000;

// Turns of `f` and of the bare echo.
template <class F>
void compare_with_bare_unary(Bench& bench, F f) {
  BareUnary bare(bench.echo());
  timed_calls(kCalls, f);
  bare.round(kCalls);
  Compared p50;
  Compared p99;
  for (Rounds rounds(bench.time); rounds.next();) {
    const Samples own_round = timed_calls(kCalls, f);
    const Samples bare_round = bare.round(kCalls);
    p50.add(own_round.percentile(50), bare_round.percentile(50));
    p99.add(own_round.percentile(99), bare_round.percentile(99));
  }
  bench.report.add("p50_us", p50.own.median(), "us");
  bench.report.add("p50_ratio_to_bare_unary", p50.ratio.median(), "x");
  bench.report.add("p99_us", p99.own.median(), "us");
  bench.report.add("p99_ratio_to_bare_unary", p99.ratio.median(), "x");
}

}  // namespace

void run_blocking(Bench& bench) {
  const Executor executor(bench.daemon().address());
  compare_with_bare_unary(bench, [&] { executor.submit(noop).result(); });
}

void run_blocking_unary(Bench& bench) {
  const auto stub = v1::FutureService::NewStub(connect(bench.daemon().address()));
  v1::SubmitRequest request;
  request.add_tasks()->set_function(std::string(noop.name()));
  request.mutable_wait()->set_seconds(10);
  v1::SubmitResponse response;
  compare_with_bare_unary(bench, [&] {
    grpc::ClientContext context;
    check(stub->Submit(&context, request, &response), "Submit");
    if (!response.futures(0).outcome().has_value()) throw std::runtime_error("a task failed");
  });
}

}  // namespace futured::bench
