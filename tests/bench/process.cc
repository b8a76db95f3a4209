#include <signal.h>

#include <stdexcept>
#include <string>

#include "tests/bench/bare.h"
#include "tests/bench/scenarios.h"
#include "tests/bench/stream_tasks.h"

namespace futured::bench {
namespace {

constexpr int kTasks = 200'000;
constexpr int kCalls = 1000;
constexpr const char* kProcesses = "processes";

// A daemon with threads and two worker processes.
Daemon daemon_with_processes() {
  return Daemon(
      {"--executor=threads.kind=thread", "--executor=processes.kind=process", "--executor=processes.max_workers=2"});
}

pid_t first_worker(const Daemon& daemon) {
  const auto stub = v1::ExecutorService::NewStub(connect(daemon.address()));
  grpc::ClientContext context;
  v1::ExecutorServiceGetRequest request;
  request.set_name(kProcesses);
  v1::ExecutorServiceGetResponse response;
  check(stub->Get(&context, request, &response), "ExecutorService.Get");
  if (response.executor().workers().empty()) throw std::runtime_error("no worker runs");
  return static_cast<pid_t>(response.executor().workers(0).pid());
}

}  // namespace

void run_process_stream(Bench& bench) {
  const Daemon daemon = daemon_with_processes();
  const Executor executor(daemon.address(), {.executor = kProcesses});
  submit_and_wait(executor, kTasks / 4);
  Compared rates;
  for (Rounds rounds(bench.time); rounds.next();) {
    const auto start = Clock::now();
    const auto futures = submit_and_wait(executor, kTasks);
    const double elapsed = since(start).count();
    check_all(futures);
    rates.add(kTasks / elapsed, bare_stream_round(bench.echo(), 128, Seconds(0.3)).items_per_s);
  }
  bench.report.add("tasks_per_s", rates.own.median(), "1/s");
  bench.report.add("ratio_to_bare_stream_128", rates.ratio.median(), "x");
}

void run_process_blocking(Bench& bench) {
  const Daemon daemon = daemon_with_processes();
  const Executor processes(daemon.address(), {.executor = kProcesses});
  const Executor threads(daemon.address(), {.executor = "threads"});
  BareUnary bare(bench.echo());
  const auto in_processes = [&] { processes.submit(noop).result(); };
  const auto in_threads = [&] { threads.submit(noop).result(); };
  timed_calls(kCalls, in_processes);
  timed_calls(kCalls, in_threads);
  Compared to_bare;
  Compared to_threads;
  for (Rounds rounds(bench.time); rounds.next();) {
    const double own = timed_calls(kCalls, in_processes).percentile(50);
    to_threads.add(own, timed_calls(kCalls, in_threads).percentile(50));
    to_bare.add(own, bare.round(kCalls).percentile(50));
  }
  bench.report.add("p50_us", to_bare.own.median(), "us");
  bench.report.add("p50_ratio_to_threads", to_threads.ratio.median(), "x");
  bench.report.add("p50_ratio_to_bare_unary", to_bare.ratio.median(), "x");
}

void run_process_crash(Bench& bench) {
  const Daemon daemon = daemon_with_processes();
  const Executor executor(daemon.address(), {.executor = kProcesses, .max_workers = 1});
  executor.submit(noop).result();
  Samples milliseconds;
  for (Rounds rounds(bench.time); rounds.next();) {
    const pid_t worker = first_worker(daemon);
    const auto start = Clock::now();
    ::kill(worker, SIGKILL);
    // A task that it had begun before it died is lost; the next one runs in its successor.
    try {
      executor.submit(noop).result();
    } catch (const TaskError&) {
      executor.submit(noop).result();
    }
    milliseconds.add(since(start).count() * 1e3);
  }
  bench.report.add("kill_to_next_task_ms", milliseconds.median(), "ms");
}

}  // namespace futured::bench
