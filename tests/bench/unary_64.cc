#include <string>

#include "tests/bench/bare.h"
#include "tests/bench/in_flight.h"
#include "tests/bench/scenarios.h"
#include "tests/bench/tasks.h"

namespace futured::bench {

void run_unary_64(Bench& bench) {
  const auto stub = v1::FutureService::NewStub(connect(bench.daemon().address()));
  v1::SubmitRequest request;
  request.add_tasks()->set_function(std::string(noop.name()));
  request.mutable_wait()->set_seconds(10);
  const auto round = [&](Seconds time) {
    return in_flight_round<v1::SubmitResponse>(
        64, time,
        [&](auto* context, auto* response, auto done) {
          stub->async()->Submit(context, &request, response, std::move(done));
        },
        [](const v1::SubmitResponse& response) { return response.futures(0).outcome().has_value(); });
  };
  const Seconds time = bench.time / 10;
  round(time);
  Compared rates;
  for (Rounds rounds(bench.time); rounds.next();) rates.add(round(time), bare_unary_64_round(bench.echo(), time));
  bench.report.add("tasks_per_s", rates.own.median(), "1/s");
  bench.report.add("ratio_to_bare_unary_64", rates.ratio.median(), "x");
}

}  // namespace futured::bench
