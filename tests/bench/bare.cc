#include "tests/bench/bare.h"

#include <grpcpp/grpcpp.h>
#include <unistd.h>

#include "echo.grpc.pb.h"
#include "tests/bench/bench.h"
#include "tests/bench/daemon.h"
#include "tests/bench/echo_stream.h"
#include "tests/bench/in_flight.h"
#include "tests/bench/process_stats.h"
#include "tests/bench/scenarios.h"

namespace futured::bench {

struct BareUnary::Connection {
  std::unique_ptr<EchoService::Stub> stub;
};

BareUnary::BareUnary(const EchoProcess& server)
    : connection_(new Connection{EchoService::NewStub(connect(server.address()))}) {}

BareUnary::~BareUnary() = default;

Samples BareUnary::round(int calls) {
  Samples samples;
  EchoRequest request;
  EchoResponse response;
  for (int i = 0; i < calls; ++i) {
    grpc::ClientContext context;
    const auto start = Clock::now();
    const grpc::Status status = connection_->stub->Echo(&context, request, &response);
    samples.add(since(start).count() * 1e6);
    check(status, "Echo");
  }
  return samples;
}

double bare_unary_64_round(const EchoProcess& server, Seconds time) {
  const auto stub = EchoService::NewStub(connect(server.address()));
  const EchoRequest request;
  return in_flight_round<EchoResponse>(
      64, time,
      [&](auto* context, auto* response, auto done) {
        stub->async()->Echo(context, &request, response, std::move(done));
      },
      [](const EchoResponse&) { return true; });
}

StreamFigures bare_stream_round(const EchoProcess& server, int items_per_message, Seconds time) {
  const auto stub = EchoService::NewStub(connect(server.address()));
  const double cpu_before = cpu_seconds(getpid()) + cpu_seconds(server.pid());
  const auto start = Clock::now();
  EchoStream stream(*stub, items_per_message, start + std::chrono::duration_cast<Clock::duration>(time));
  const auto items = static_cast<double>(stream.wait());
  const double elapsed = since(start).count();
  const double cpu = cpu_seconds(getpid()) + cpu_seconds(server.pid()) - cpu_before;
  return {items / elapsed, cpu / items * 1e6};
}

void run_bare_unary(Bench& bench) {
  constexpr int kCalls = 2000;
  BareUnary bare(bench.echo());
  bare.round(kCalls);
  Samples p50;
  Samples p99;
  for (Rounds rounds(bench.time); rounds.next();) {
    const Samples round = bare.round(kCalls);
    p50.add(round.percentile(50));
    p99.add(round.percentile(99));
  }
  bench.report.add("p50_us", p50.median(), "us");
  bench.report.add("p99_us", p99.median(), "us");
}

void run_bare_unary_64(Bench& bench) {
  Samples rates;
  bare_unary_64_round(bench.echo(), bench.time / 10);
  for (Rounds rounds(bench.time); rounds.next();) rates.add(bare_unary_64_round(bench.echo(), bench.time / 10));
  bench.report.add("calls_per_s", rates.median(), "1/s");
}

namespace {

void run_bare_stream(Bench& bench, int items_per_message) {
  Samples rates;
  Samples cpu;
  bare_stream_round(bench.echo(), items_per_message, bench.time / 10);
  for (Rounds rounds(bench.time); rounds.next();) {
    const StreamFigures round = bare_stream_round(bench.echo(), items_per_message, bench.time / 10);
    rates.add(round.items_per_s);
    cpu.add(round.cpu_us);
  }
  bench.report.add("items_per_s", rates.median(), "1/s");
  bench.report.add("cpu_us_per_item", cpu.median(), "us");
}

}  // namespace

void run_bare_stream_1(Bench& bench) { run_bare_stream(bench, 1); }
void run_bare_stream_128(Bench& bench) { run_bare_stream(bench, 128); }

}  // namespace futured::bench
