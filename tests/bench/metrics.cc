#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/bench/listener.h"
#include "tests/bench/scenarios.h"
#include "tests/bench/scraper.h"
#include "tests/bench/stream_tasks.h"
#include "tests/support/temporary_directory.h"

namespace futured::bench {
namespace {

constexpr int kTasks = 1'000'000;
constexpr int kWarmUp = 100'000;

// Tasks a second.
double round(const Executor& executor) {
  const auto start = Clock::now();
  const auto futures = submit_and_wait(executor, kTasks);
  const double elapsed = since(start).count();
  check_all(futures);
  return kTasks / elapsed;
}

std::string line_of(const std::string& file) {
  std::string line;
  std::getline(std::ifstream(file), line);
  return line;
}

}  // namespace

// Here and below in turns; each daemon is idle while the other works.
void run_metrics(Bench& bench) {
  const testing::TemporaryDirectory directory;
  const std::string port_file = directory.path() + "/http";
  const std::vector<std::string> flags{"--http-listen=127.0.0.1:0", "--http-port-file=" + port_file};
  Daemon with(flags);
  Daemon without(std::vector<std::string>{"--http-listen=off"});
  const Executor scraped(with.address());
  const Executor silent(without.address());
  const Scraper scraper(line_of(port_file));
  submit_and_wait(scraped, kWarmUp);
  submit_and_wait(silent, kWarmUp);
  Compared rates;
  for (Rounds rounds(bench.time); rounds.next();) rates.add(round(scraped), round(silent));
  if (scraper.pages() == 0) throw std::runtime_error("no page of metrics could be read");
  bench.report.add("tasks_per_s", rates.own.median(), "1/s");
  bench.report.add("ratio_to_no_http", rates.ratio.median(), "x");
  bench.report.add("pages", static_cast<double>(scraper.pages()), "");
}

void run_dashboard(Bench& bench) {
  const testing::TemporaryDirectory directory;
  const std::string port_file = directory.path() + "/http";
  Daemon watched_daemon(std::vector<std::string>{"--http-listen=127.0.0.1:0", "--http-port-file=" + port_file});
  Daemon silent_daemon(std::vector<std::string>{"--http-listen=127.0.0.1:0"});
  const Executor watched(watched_daemon.address());
  const Executor silent(silent_daemon.address());
  const std::string address = line_of(port_file);
  const Listener figures(address, "/v1/events");
  const Listener tasks(address, "/v1/tasks");
  submit_and_wait(watched, kWarmUp);
  submit_and_wait(silent, kWarmUp);
  Compared rates;
  for (Rounds rounds(bench.time); rounds.next();) rates.add(round(watched), round(silent));
  if (figures.events() == 0 || tasks.events() == 0) throw std::runtime_error("no events have come");
  bench.report.add("tasks_per_s", rates.own.median(), "1/s");
  bench.report.add("ratio_to_unwatched", rates.ratio.median(), "x");
  bench.report.add("events", static_cast<double>(figures.events() + tasks.events()), "");
}

}  // namespace futured::bench
