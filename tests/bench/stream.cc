#include <unistd.h>

#include <barrier>
#include <exception>
#include <stdexcept>
#include <thread>
#include <vector>

#include "tests/bench/bare.h"
#include "tests/bench/process_stats.h"
#include "tests/bench/scenarios.h"
#include "tests/bench/stream_tasks.h"

namespace futured::bench {
namespace {

constexpr int kTasks = 1'000'000;
constexpr int kWarmUp = 100'000;
constexpr int kClients = 8;

StreamFigures bare_round(Bench& bench) { return bare_stream_round(bench.echo(), 128, Seconds(0.3)); }

struct CpuFigures {
  Samples client;
  Samples daemon;
  Samples ratio;
};

// One round of a million tasks, and one of the bare stream.
void stream_round(Bench& bench, const Executor& executor, Compared& rates, CpuFigures& cpu) {
  const auto daemon = bench.daemon().pid();
  const double client_before = cpu_seconds(getpid());
  const double daemon_before = daemon ? cpu_seconds(*daemon) : 0;
  const auto start = Clock::now();
  const auto futures = submit_and_wait(executor, kTasks);
  const double elapsed = since(start).count();
  const double client_us = (cpu_seconds(getpid()) - client_before) / kTasks * 1e6;
  const double daemon_us = daemon ? (cpu_seconds(*daemon) - daemon_before) / kTasks * 1e6 : 0;
  check_all(futures);
  const StreamFigures bare = bare_round(bench);
  rates.add(kTasks / elapsed, bare.items_per_s);
  cpu.client.add(client_us);
  cpu.daemon.add(daemon_us);
  cpu.ratio.add((client_us + daemon_us) / bare.cpu_us);
}

// So many tasks through one executor for each client, all at once.
double clients_round(std::vector<Executor>& executors, int tasks) {
  std::barrier start(static_cast<std::ptrdiff_t>(executors.size()) + 1);
  std::vector<std::vector<Future<void>>> futures(executors.size());
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < executors.size(); ++i) {
    threads.emplace_back([&, i] {
      start.arrive_and_wait();
      futures[i] = submit_and_wait(executors[i], tasks);
    });
  }
  start.arrive_and_wait();
  const auto begin = Clock::now();
  for (std::thread& thread : threads) thread.join();
  const double elapsed = since(begin).count();
  for (const auto& each : futures) check_all(each);
  return static_cast<double>(executors.size()) * tasks / elapsed;
}

}  // namespace

void run_stream(Bench& bench) {
  const Executor executor(bench.daemon().address());
  submit_and_wait(executor, kWarmUp);
  bare_round(bench);
  Compared rates;
  CpuFigures cpu;
  for (Rounds rounds(bench.time); rounds.next();) stream_round(bench, executor, rates, cpu);
  bench.report.add("tasks_per_s", rates.own.median(), "1/s");
  bench.report.add("ratio_to_bare_stream_128", rates.ratio.median(), "x");
  bench.report.add("client_cpu_us_per_task", cpu.client.median(), "us");
  if (!bench.daemon().pid()) return;
  bench.report.add("daemon_cpu_us_per_task", cpu.daemon.median(), "us");
  bench.report.add("cpu_ratio_to_bare_stream_128", cpu.ratio.median(), "x");
}

void run_clients_8(Bench& bench) {
  std::vector<Executor> executors;
  for (int i = 0; i < kClients; ++i) executors.emplace_back(bench.daemon().address());
  clients_round(executors, kWarmUp / kClients);
  bare_round(bench);
  Compared rates;
  for (Rounds rounds(bench.time); rounds.next();) {
    const double own = clients_round(executors, kTasks / kClients);
    rates.add(own, bare_round(bench).items_per_s);
  }
  bench.report.add("tasks_per_s", rates.own.median(), "1/s");
  bench.report.add("ratio_to_bare_stream_128", rates.ratio.median(), "x");
}

}  // namespace futured::bench
