#include <grpcpp/grpcpp.h>

#include <functional>
#include <latch>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "echo.grpc.pb.h"
#include "tests/bench/process_stats.h"
#include "tests/bench/scenarios.h"
#include "tests/bench/tasks.h"

namespace futured::bench {
namespace {

constexpr int kWaiters = 10'000;
// Below what the daemon allows on one, so that another call finds room.
constexpr int kCallsPerConnection = 900;

// Unary calls that wait in a server, over as many connections as they need.
template <class Service, class Response>
class WaitingCalls {
 public:
  using Stub = typename Service::Stub;
  // Starts call number i.
  using Start = std::function<void(int i, Stub&, grpc::ClientContext*, Response*, std::function<void(grpc::Status)>)>;
  // Makes a call that the server answers at once.
  using Touch = std::function<void(Stub&)>;

  // Returns when the server has received all.
  WaitingCalls(const std::string& address, const Start& start, const Touch& touch) : calls_(kWaiters) {
    for (int i = 0; i < kWaiters; ++i) {
      if (i % kCallsPerConnection == 0) stubs_.push_back(Service::NewStub(connect(address)));
      Call& call = calls_[static_cast<std::size_t>(i)];
      start(i, *stubs_.back(), &call.context, &call.response, [this, &call](const grpc::Status& status) {
        call.status = status;
        answered_.count_down();
      });
    }
    // Calls of one connection are received in their order.
    for (const auto& stub : stubs_) touch(*stub);
  }

  // Waits for all answers. Throws std::runtime_error unless each is OK and `good`.
  void wait(const std::function<bool(const Response&)>& good) {
    answered_.wait();
    for (const Call& call : calls_) {
      check(call.status, "a waiting call");
      if (!good(call.response)) throw std::runtime_error("a wrong answer");
    }
  }

 private:
  struct Call {
    grpc::ClientContext context;
    Response response;
    grpc::Status status;
  };

  std::vector<std::unique_ptr<Stub>> stubs_;
  std::vector<Call> calls_;
  std::latch answered_{kWaiters};
};

struct WaitersFigures {
  double threads;
  double bytes_each;
  double release_ms;
};

// `hold` starts the calls, `release` has them answered, of which the time is taken.
template <class Calls>
WaitersFigures measure(pid_t server, const std::function<std::unique_ptr<Calls>()>& hold,
                       const std::function<void(Calls&)>& release) {
  const auto threads_before = static_cast<double>(threads(server));
  const auto bytes_before = static_cast<double>(resident_bytes(server));
  const auto calls = hold();
  const double bytes_each = (static_cast<double>(resident_bytes(server)) - bytes_before) / kWaiters;
  const double more_threads = static_cast<double>(threads(server)) - threads_before;
  const auto start = Clock::now();
  release(*calls);
  return {more_threads, bytes_each, since(start).count() * 1e3};
}

WaitersFigures bare_waiters() {
  using Calls = WaitingCalls<EchoService, HoldResponse>;
  const EchoProcess server;
  const auto control = EchoService::NewStub(connect(server.address()));
  const HoldRequest request;
  const auto hold = [&] {
    return std::make_unique<Calls>(
        server.address(),
        [&](int, auto& stub, auto* context, auto* response, auto done) {
          stub.async()->Hold(context, &request, response, std::move(done));
        },
        [](EchoService::Stub& stub) {
          grpc::ClientContext context;
          EchoResponse response;
          check(stub.Echo(&context, {}, &response), "Echo");
        });
  };
  const auto release = [&](Calls& calls) {
    grpc::ClientContext context;
    ReleaseResponse response;
    check(control->Release(&context, {}, &response), "Release");
    calls.wait([](const HoldResponse&) { return true; });
  };
  return measure<Calls>(server.pid(), hold, release);
}

std::vector<std::string> submit(v1::FutureService::Stub& stub, int count) {
  v1::SubmitRequest request;
  for (int i = 0; i < count; ++i) request.add_tasks()->set_function(std::string(noop.name()));
  v1::SubmitResponse response;
  grpc::ClientContext context;
  check(stub.Submit(&context, request, &response), "Submit");
  std::vector<std::string> ids;
  for (const auto& future : response.futures()) ids.push_back(future.id());
  return ids;
}

// The calls are spread over so many futures.
WaitersFigures daemon_waiters(int futures) {
  using Calls = WaitingCalls<v1::FutureService, v1::ResultResponse>;
  Daemon daemon(std::vector<std::string>{"--max-waiters=20000"});
  const auto control = v1::FutureService::NewStub(connect(daemon.address()));
  daemon.pause();
  const std::vector<std::string> ids = submit(*control, futures);
  std::vector<v1::ResultRequest> requests(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) requests[i].set_id(ids[i]);
  const auto hold = [&] {
    return std::make_unique<Calls>(
        daemon.address(),
        [&](int i, auto& stub, auto* context, auto* response, auto done) {
          const auto& request = requests[static_cast<std::size_t>(i) % requests.size()];
          stub.async()->Result(context, &request, response, std::move(done));
        },
        [&](v1::FutureService::Stub& stub) {
          v1::ResultRequest request = requests.front();
          request.mutable_timeout();
          grpc::ClientContext context;
          v1::ResultResponse response;
          check(stub.Result(&context, request, &response), "Result");
        });
  };
  const auto release = [&](Calls& calls) {
    daemon.resume();
    calls.wait([](const v1::ResultResponse& response) { return response.outcome().has_value(); });
  };
  return measure<Calls>(daemon.pid().value(), hold, release);
}

void report(Bench& bench, const std::string& kind, const WaitersFigures& own, const WaitersFigures& bare) {
  bench.report.add(kind + "_more_threads", own.threads, "threads");
  bench.report.add(kind + "_bytes_each", own.bytes_each, "B");
  bench.report.add(kind + "_bytes_ratio_to_bare_calls", own.bytes_each / bare.bytes_each, "x");
  bench.report.add(kind + "_release_ms", own.release_ms, "ms");
  bench.report.add(kind + "_release_ratio_to_bare_calls", own.release_ms / bare.release_ms, "x");
}

}  // namespace

void run_waiters_10k(Bench& bench) {
  const WaitersFigures bare = bare_waiters();
  bench.report.add("bare_calls_bytes_each", bare.bytes_each, "B");
  bench.report.add("bare_calls_release_ms", bare.release_ms, "ms");
  report(bench, "one_future", daemon_waiters(1), bare);
  report(bench, "10k_futures", daemon_waiters(kWaiters), bare);
}

}  // namespace futured::bench
