#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/bench/process_stats.h"
#include "tests/bench/scenarios.h"
#include "tests/bench/tasks.h"
#include "tests/support/temporary_directory.h"

namespace futured::bench {
namespace {

constexpr int kTasksPerCall = 10'000;

// In one call; returns the ID of the first.
std::string submit(v1::FutureService::Stub& stub, int count) {
  v1::SubmitRequest request;
  for (int i = 0; i < count; ++i) request.add_tasks()->set_function(std::string(noop.name()));
  grpc::ClientContext context;
  v1::SubmitResponse response;
  check(stub.Submit(&context, request, &response), "Submit");
  return response.futures(0).id();
}

void wait_for(v1::FutureService::Stub& stub, const std::string& id) {
  grpc::ClientContext context;
  v1::ResultRequest request;
  request.set_id(id);
  v1::ResultResponse response;
  check(stub.Result(&context, request, &response), "Result");
}

// Leaves `count` pending futures to a daemon that is killed. Returns the ID of the oldest.
std::string leave_pending(const std::vector<std::string>& flags, int count) {
  Daemon daemon(flags);
  daemon.pause();
  const auto stub = v1::FutureService::NewStub(connect(daemon.address()));
  const std::string oldest = submit(*stub, kTasksPerCall);
  for (int left = count - kTasksPerCall; left > 0; left -= kTasksPerCall) submit(*stub, std::min(left, kTasksPerCall));
  return oldest;
}

void measure(Bench& bench, const std::string& name, int count) {
  const testing::TemporaryDirectory temporary;
  const std::string folder = temporary.path();
  const std::vector<std::string> flags = {"--data-dir=" + folder + "/data", "--max-pending=2000000"};
  const std::string oldest = leave_pending(flags, count);
  const auto start = Clock::now();
  const Daemon daemon(flags);
  const double serving = since(start).count();
  wait_for(*v1::FutureService::NewStub(connect(daemon.address())), oldest);
  const double first = since(start).count();
  bench.report.add("serving_ms_" + name, serving * 1e3, "ms");
  bench.report.add("first_outcome_ms_" + name, first * 1e3, "ms");
  bench.report.add("mib_" + name, static_cast<double>(resident_bytes(daemon.pid().value())) / (1 << 20), "MiB");
}

}  // namespace

// A daemon is killed with so many pending futures. How soon the next one serves, and the oldest of them has its
// outcome.
void run_recovery(Bench& bench) {
  measure(bench, "100k", 100'000);
  measure(bench, "1m", 1'000'000);
}

}  // namespace futured::bench
