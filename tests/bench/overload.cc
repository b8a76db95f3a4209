#include <stdexcept>
#include <string>

#include "tests/bench/in_flight.h"
#include "tests/bench/offered_load.h"
#include "tests/bench/scenarios.h"
#include "tests/bench/tasks.h"

namespace futured::bench {
namespace {

// So that the work and not the processor is what there is too little of, as in practice: workers that wait.
constexpr int kWorkers = 10;
constexpr std::uint32_t kTaskMs = 10;
constexpr int kMaxPending = 500;
constexpr double kTimesPeak = 10;
constexpr int kProbes = 20;
constexpr Seconds kLongestRecovery{60};

v1::SubmitRequest one_task() {
  v1::SubmitRequest request;
  v1::Task& task = *request.add_tasks();
  task.set_function(std::string(block_ms.name()));
  task.mutable_arguments()->add_positional()->set_uint_value(kTaskMs);
  request.mutable_wait()->set_seconds(10);
  return request;
}

// Tasks a second when there is always one for each worker, and none too many.
double peak(v1::FutureService::Stub& stub, const v1::SubmitRequest& request, Seconds time) {
  return in_flight_round<v1::SubmitResponse>(
      2 * kWorkers, time,
      [&](auto* context, auto* response, auto done) {
        stub.async()->Submit(context, &request, response, std::move(done));
      },
      [](const v1::SubmitResponse& response) { return response.futures(0).outcome().has_value(); });
}

// The median of some calls, one after another; a refused one counts as slow as can be.
double probe_ms(v1::FutureService::Stub& stub, const v1::SubmitRequest& request) {
  Samples samples;
  for (int i = 0; i < kProbes; ++i) {
    grpc::ClientContext context;
    v1::SubmitResponse response;
    const auto start = Clock::now();
    const bool done = stub.Submit(&context, request, &response).ok();
    samples.add(done ? since(start).count() * 1e3 : 1e9);
  }
  return samples.median();
}

// From now until calls take less than twice as long as before.
double recovery_s(v1::FutureService::Stub& stub, const v1::SubmitRequest& request, double usual_ms) {
  const auto start = Clock::now();
  while (probe_ms(stub, request) > 2 * usual_ms) {
    if (since(start) > kLongestRecovery) throw std::runtime_error("the daemon is not itself again");
  }
  return since(start).count();
}

}  // namespace

void run_overload(Bench& bench) {
  const Daemon daemon(
      {"--executor=thread.max_workers=" + std::to_string(kWorkers), "--max-pending=" + std::to_string(kMaxPending)});
  const auto stub = v1::FutureService::NewStub(connect(daemon.address()));
  const v1::SubmitRequest request = one_task();
  const double usual_ms = probe_ms(*stub, request);
  const double best = peak(*stub, request, bench.time / 2);
  OfferedLoad load(*stub, request);
  const OfferedLoad::Counts counts = load.offer(kTimesPeak * best, bench.time);
  if (counts.refusal_ms.empty()) throw std::runtime_error("nothing was refused");
  const double recovered = recovery_s(*stub, request, usual_ms);
  load.finish();
  const double goodput = static_cast<double>(counts.done) / bench.time.count();
  bench.report.add("peak_per_s", best, "1/s");
  bench.report.add("goodput_per_s", goodput, "1/s");
  bench.report.add("goodput_ratio_to_peak", goodput / best, "x");
  bench.report.add("refusals", static_cast<double>(counts.refused), "");
  bench.report.add("failures", static_cast<double>(counts.failed), "");
  bench.report.add("refusal_p50_ms", counts.refusal_ms.percentile(50), "ms");
  bench.report.add("refusal_p99_ms", counts.refusal_ms.percentile(99), "ms");
  bench.report.add("recovery_s", recovered, "s");
}

}  // namespace futured::bench
