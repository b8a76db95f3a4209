#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <memory>

#include "client/cli/cancel_on_interrupt.h"
#include "client/cli/command.h"
#include "client/cli/connection.h"
#include "client/cli/executor_table.h"
#include "client/cli/interrupt_watch.h"
#include "client/cli/items.h"
#include "client/cli/map_failure.h"
#include "client/cli/outcome.h"
#include "client/cli/progress_bar.h"
#include "client/cli/standard_streams.h"
#include "client/cli/task_flags.h"
#include "futured/futured.h"

namespace futured::cli {
namespace {

struct MapCommandOptions {
  std::string function;
  std::vector<std::string> words;
  std::string file;
  bool text = false;
  bool raw = false;
  std::optional<int> max_workers;
  int ahead = 10'000;
  v1::TaskOptions task;
};

constexpr const char* kFooter =
    "Prints the results in the order of the items, a line each, and a progress bar if standard error is a terminal.\n"
    "Items are read as the arguments of `submit`; blank lines are left out. Ends at the first item that fails; that\n"
    "cancels what has not begun. Ctrl-C also asks running functions to stop. A daemon that goes away is given a "
    "minute\n"
    "to come back.\n"
    "\n"
    "Examples:\n"
    "  futuredctl map math.is_prime 2 17 9999999967\n"
    "  futuredctl map math.is_prime --items numbers.txt > primes.txt\n"
    "  ls *.log | futuredctl map file.read --items - --string --timeout 1m";

Reading reading_of(const MapCommandOptions& options) { return options.text ? Reading::kText : Reading::kJson; }

std::unique_ptr<Items> items_of(const MapCommandOptions& options) {
  if (options.file.empty()) return std::make_unique<Items>(options.words, reading_of(options));
  return std::make_unique<Items>(options.file, reading_of(options));
}

// Nothing is submitted after the shutdown, so no task begins between the two and goes on.
void cancel_all(Executor& executor, const Globals& globals) {
  executor.shutdown(false, {.cancel_futures = true});
  v1::CancelRequest request;
  request.set_session(executor.session_id());
  request.set_mode(v1::CANCEL_MODE_COOPERATIVE);
  cancel_on_interrupt(globals, request);
}

// The SDK waits for an executor that drains, and for a daemon that is not there, as they may come back.
void check_executor(Connection& connection, const std::string& name) {
  std::string names;
  for (const v1::Executor& executor : list_executors(connection, Connection::Kind::kBeforeWait)) {
    if (name.empty() || executor.name() == name) {
      if (executor.state() != v1::EXECUTOR_STATE_DRAINING) return;
      throw Failure(ExitCode::kUnavailable, "executor \"" + executor.name() + "\" is draining");
    }
    names += (names.empty() ? "" : ", ") + executor.name();
  }
  throw Failure(ExitCode::kNotFound, "executor \"" + name + "\" is unknown; there are: " + names);
}

void print_result(std::uint64_t item, const v1::Value& value, const Format& format) {
  if (!format.json) {
    print_value(value, format);
    return;
  }
  std::cout << dump({{"item", item}, {"state", "succeeded"}, {"value", to_json(value)}}) << '\n';
  flush_output();
}

// Prints all results. Counts them in `done`, also when it throws.
void print_results(const Submitter& submitter, const MapCommandOptions& options, Items& items, Timeout timeout,
                   const Format& format, std::uint64_t& done) {
  ProgressBar bar(items.size());
  const bool shares_terminal = isatty(STDOUT_FILENO) == 1;
  const MapOptions how{.timeout = timeout, .buffersize = options.ahead};
  for (const v1::Value& value : submitter.map<v1::Value>(options.function, items, how)) {
    if (shares_terminal) bar.hide();
    print_result(done + 1, value, format);
    ++done;
    bar.advance();
  }
}

ExitCode map(const MapCommandOptions& options, const Globals& globals) {
  if (options.file.empty() == options.words.empty())
    throw Failure(ExitCode::kUsage, "give items or --items, one of them");
  const auto items = items_of(options);
  check_credentials(globals);
  Executor executor(globals.address, {.executor = options.task.executor(),
                                      .max_workers = options.max_workers,
                                      .cancel_timeout = std::chrono::seconds(2),
                                      .credentials = globals.credentials});
  InterruptWatch watch([&] { cancel_all(executor, globals); });
  Connection connection(globals);
  check_executor(connection, options.task.executor());
  const auto left = connection.remaining();
  std::uint64_t done = 0;
  try {
    print_results(executor.with(to_call_options(options.task)), options, *items, left ? Timeout(*left) : Timeout(),
                  {globals.json, options.raw}, done);
    return ExitCode::kOk;
  } catch (...) {
    watch.stop();
    executor.shutdown(false, {.cancel_futures = true});
    const ExitCode code = report_map_failure(done + 1, globals.json);
    // An Executor's end waits for the tasks that run.
    std::_Exit(static_cast<int>(code));
  }
}

}  // namespace

void add_map(CLI::App& app, Action& chosen) {
  const auto options = std::make_shared<MapCommandOptions>();
  CLI::App* command = add_command(app, "map", "Call a function with each of many items", kFooter, chosen,
                                  [options](const Globals& globals) { return map(*options, globals); });
  command->add_option("FUNCTION", options->function, "Name of the function")->required()->type_name("");
  add_words(*command, "ITEM", options->words, "Items");
  command->add_option("--items", options->file, "Read the items from a file, one a line; - is standard input")
      ->type_name("FILE");
  command->add_flag("--string", options->text, "Take all items as texts");
  command->add_flag("--raw", options->raw, "Print texts and bytes as they are, without ends of lines");
  command->add_option("--max-workers", options->max_workers, "How many to run at once (default: as many as it can)")
      ->check(at_least(1))
      ->type_name("COUNT");
  command->add_option("--ahead", options->ahead, "How many items to submit ahead of the results (default: 10000)")
      ->check(at_least(1))
      ->type_name("COUNT");
  add_task_flags(*command, options->task);
}

}  // namespace futured::cli
