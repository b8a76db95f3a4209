#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <iostream>
#include <map>
#include <memory>
#include <utility>

#include "client/cli/command.h"
#include "client/cli/executor_table.h"
#include "client/cli/future_json.h"
#include "client/cli/running_table.h"
#include "client/cli/standard_streams.h"

namespace futured::cli {
namespace {

using Clock = std::chrono::steady_clock;

struct TopOptions {
  bool once = false;
  std::optional<std::chrono::nanoseconds> interval = std::chrono::seconds(1);
};

constexpr const char* kFooter =
    "Examples:\n"
    "  futuredctl top                    # until Ctrl-C\n"
    "  futuredctl top --interval 5s\n"
    "  futuredctl top --once --output json";

// How many futures end each second, from one look to the next.
class Rates {
 public:
  std::vector<double> next(const std::vector<v1::Executor>& executors) {
    const auto now = Clock::now();
    const double elapsed = std::chrono::duration<double>(now - std::exchange(last_, now)).count();
    std::vector<double> rates;
    for (const v1::Executor& executor : executors) {
      const double ended = static_cast<double>(executor.succeeded() + executor.failed() + executor.cancelled());
      const auto [before, is_new] = ended_.try_emplace(executor.name(), ended);
      rates.push_back(is_new ? 0 : (ended - before->second) / elapsed);
      before->second = ended;
    }
    return rates;
  }

 private:
  Clock::time_point last_ = Clock::now();
  std::map<std::string, double> ended_;
};

void print(const std::vector<v1::Executor>& executors, const std::vector<double>& rates, const Globals& globals) {
  for (std::size_t i = 0; globals.json && i < executors.size(); ++i) {
    Json json = to_json(executors[i]);
    json["ended_per_second"] = rates[i];
    std::cout << dump(json) << '\n';
  }
  if (!globals.json) {
    std::cout << executor_table(executors, rates);
    const auto has_workers = [](const v1::Executor& executor) { return !executor.workers().empty(); };
    if (std::ranges::any_of(executors, has_workers)) std::cout << '\n' << worker_table(executors);
  }
}

// What running functions say of themselves, as far as there is room.
void print_progress(Connection& connection) {
  constexpr std::size_t kMostShown = 20;
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return;
  // The last column stays free, as some terminals begin a new line after it.
  const std::string table =
      running_table(list_with_progress(connection), std::max<std::size_t>(size.ws_col, 1) - 1, kMostShown);
  if (!table.empty()) std::cout << '\n' << table;
}

// Ctrl-C and SIGTERM end the wait between two looks instead of the program. Inherited by all threads begun later.
sigset_t block_interrupts() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

bool interrupted(const sigset_t& signals, std::chrono::nanoseconds wait) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  const timespec time{wait.count() / kSecond, wait.count() % kSecond};
  return sigtimedwait(&signals, nullptr, &time) > 0;
}

ExitCode top(const TopOptions& options, const Globals& globals) {
  const sigset_t signals = block_interrupts();
  const bool on_terminal = isatty(STDOUT_FILENO) == 1 && !globals.json && !options.once;
  Connection connection(globals);
  connection.pause_by([&](std::chrono::nanoseconds time) { return !interrupted(signals, time); });
  Rates rates;
  do {
    const auto executors = list_executors(connection);
    // To the top left corner, and everything below it away.
    if (on_terminal) std::cout << "\x1b[H\x1b[2J";
    print(executors, rates.next(executors), globals);
    if (on_terminal) print_progress(connection);
    flush_output();
  } while (!options.once && !interrupted(signals, *options.interval));
  return ExitCode::kOk;
}

}  // namespace

void add_top(CLI::App& app, Action& chosen) {
  const auto options = std::make_shared<TopOptions>();
  CLI::App* command =
      add_command(app, "top", "Watch the executors, their rates and processes, and on a terminal the progress of tasks",
                  kFooter, chosen, [options](const Globals& globals) { return top(*options, globals); });
  command->add_flag("--once", options->once, "Look once");
  add_duration(*command, "--interval", options->interval, "Between two looks (default: 1s)");
}

}  // namespace futured::cli
