#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tests/bench/process_stats.h"
#include "tests/bench/scenarios.h"
#include "tests/bench/scraper.h"
#include "tests/bench/stream_tasks.h"
#include "tests/support/temporary_directory.h"
#include "tests/trace/collector.h"

namespace futured::bench {
namespace {

constexpr int kTasks = 300'000;
// Of so many calls one is traced.
constexpr int kOneOf = 100;
constexpr const char* kTrace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

// A daemon with an executor of the SDK. What it needs besides, as to send spans, counts as what its tasks cost.
class Traced {
 public:
  explicit Traced(std::vector<std::string> flags)
      : daemon_(with_http(std::move(flags), http_port_file())), executor_(daemon_.address()) {
    submit_and_wait(executor_, kTasks);
    cpu_before_ = cpu_seconds(*daemon_.pid());
  }

  // Tasks a second.
  double rate() {
    const auto start = Clock::now();
    return rate_of(submit_and_wait(executor_, kTasks), start);
  }
  // One of some calls is part of a trace that its caller records.
  double rate_with_callers() {
    const Submitter traced = executor_.with({.traceparent = kTrace});
    const auto start = Clock::now();
    std::vector<Future<void>> futures;
    futures.reserve(kTasks);
    for (int i = 0; i < kTasks; ++i) futures.push_back(i % kOneOf == 0 ? traced.submit(noop) : executor_.submit(noop));
    futured::wait(futures);
    return rate_of(futures, start);
  }
  double cpu_us_per_task() const { return (cpu_seconds(*daemon_.pid()) - cpu_before_) / tasks_ * 1e6; }
  // A metric without labels. Throws std::runtime_error.
  double metric(const std::string& name) const {
    const std::string page = read_page(port_in(http_port_file())).value_or("");
    const std::size_t found = page.find("\n" + name + " ");
    if (found == std::string::npos) throw std::runtime_error("there is no metric " + name);
    return std::stod(page.substr(found + name.size() + 2));
  }

 private:
  static std::vector<std::string> with_http(std::vector<std::string> flags, const std::string& port_file) {
    flags.insert(flags.end(), {"--http-listen=127.0.0.1:0", "--http-port-file=" + port_file});
    return flags;
  }
  std::string http_port_file() const { return directory_.path() + "/http"; }
  double rate_of(const std::vector<Future<void>>& futures, Clock::time_point start) {
    const double tasks_per_s = kTasks / since(start).count();
    check_all(futures);
    tasks_ += kTasks;
    return tasks_per_s;
  }

  const testing::TemporaryDirectory directory_;
  Daemon daemon_;
  Executor executor_;
  double cpu_before_ = 0;
  double tasks_ = 0;
};

std::string to(const testing::Collector& collector) {
  return "--trace-endpoint=http://" + collector.endpoint().authority();
}

// Who comes first alternates, as the second may find the memory of the client otherwise.
template <class Own, class Off>
void compare(bool own_first, Own own, Off off, Compared& rates) {
  const double before = own_first ? 0 : off();
  const double with = own();
  rates.add(with, own_first ? off() : before);
}

void report(Bench& bench, const std::string& name, const Compared& rates, const Traced& daemon, const Traced& off) {
  bench.report.add(name + "_tasks_per_s", rates.own.median(), "1/s");
  bench.report.add(name + "_ratio_to_off", rates.ratio.median(), "x");
  bench.report.add(name + "_daemon_cpu_ratio_to_off", daemon.cpu_us_per_task() / off.cpu_us_per_task(), "x");
  bench.report.add(name + "_spans_exported", daemon.metric("futured_spans_exported_total"), "");
  bench.report.add(name + "_spans_dropped", daemon.metric("futured_spans_dropped_total"), "");
}

}  // namespace

void run_traces(Bench& bench) {
  // One for each daemon, as it talks to one at a time.
  const testing::Collector for_none(false);
  const testing::Collector for_some(false);
  const testing::Collector for_callers(false);
  Traced off({});
  Traced off_by_callers({});
  Traced none({to(for_none)});
  Traced some({to(for_some), "--trace-sample=" + std::to_string(1.0 / kOneOf)});
  Traced callers({to(for_callers)});
  Compared none_sampled;
  Compared some_sampled;
  Compared by_callers;
  bool own_first = false;
  const auto off_rate = [&] { return off.rate(); };
  for (Rounds rounds(bench.time); rounds.next(); own_first = !own_first) {
    compare(
        own_first, [&] { return none.rate(); }, off_rate, none_sampled);
    compare(
        own_first, [&] { return some.rate(); }, off_rate, some_sampled);
    compare(
        own_first, [&] { return callers.rate_with_callers(); }, [&] { return off_by_callers.rate_with_callers(); },
        by_callers);
  }
  bench.report.add("off_tasks_per_s", none_sampled.bare.median(), "1/s");
  bench.report.add("off_daemon_cpu_us_per_task", off.cpu_us_per_task(), "us");
  report(bench, "none_sampled", none_sampled, none, off);
  report(bench, "each_100th", some_sampled, some, off);
  report(bench, "each_100th_by_callers", by_callers, callers, off_by_callers);
}

}  // namespace futured::bench
