#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <memory>

#include "client/cli/command.h"
#include "client/cli/connection.h"
#include "client/cli/executor_table.h"
#include "client/cli/interrupt_watch.h"
#include "client/cli/items.h"
#include "client/cli/outcome.h"
#include "client/cli/printable.h"
#include "client/cli/progress_bar.h"
#include "futured/futured.h"

namespace futured::cli {
namespace {

struct MapCommandOptions {
  std::string function;
  std::vector<std::string> words;
  std::string file;
  bool text = false;
  bool raw = false;
  std::string executor;
  std::optional<int> max_workers;
  int ahead = 10'000;
  std::optional<std::chrono::nanoseconds> task_timeout;
};

constexpr const char* kFooter =
    "Prints the results in the order of the items, a line each, and a progress bar if standard error is a terminal. "
    "Items\n"
    "are read as the arguments of `submit`; blank lines are left out. Ends at the first item that fails; like Ctrl-C, "
    "that\n"
    "cancels what has not begun.\n"
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

std::optional<std::chrono::milliseconds> in_milliseconds(std::optional<std::chrono::nanoseconds> time) {
  if (!time) return std::nullopt;
  return std::chrono::ceil<std::chrono::milliseconds>(*time);
}

void cancel_session(Connection& connection, const std::string& session) {
  v1::CancelRequest request;
  request.set_session(session);
  request.set_mode(v1::CANCEL_MODE_COOPERATIVE);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(5));
  v1::CancelResponse response;
  connection.futures().Cancel(&context, request, &response);
}

// Prints all results. Counts them in `done`, also when it throws.
void print_results(const Executor& executor, const MapCommandOptions& options, Items& items,
                   const Connection& connection, std::uint64_t& done) {
  ProgressBar bar(items.size());
  const bool shares_terminal = isatty(STDOUT_FILENO) == 1;
  const auto left = connection.remaining();
  const MapOptions how{.timeout = left ? Timeout(*left) : Timeout(), .buffersize = options.ahead};
  const Submitter submitter = executor.with({.timeout = in_milliseconds(options.task_timeout)});
  for (const v1::Value& value : submitter.map<v1::Value>(options.function, items, how)) {
    if (shares_terminal) bar.hide();
    print_value(value, {.raw = options.raw});
    ++done;
    bar.advance();
  }
}

// The exit code and message of what ended a map.
Failure failure_at(std::uint64_t item) {
  const std::string at = "item " + std::to_string(item + 1) + ": ";
  try {
    throw;
  } catch (const Failure& failure) {
    return Failure(failure.code(), at + failure.what());
  } catch (const TaskError& error) {
    return Failure(ExitCode::kTaskFailed, at + error.report());
  } catch (const CancelledError&) {
    return Failure(ExitCode::kCancelled, at + "cancelled");
  } catch (const TimeoutError&) {
    return Failure(ExitCode::kTimeout, at + "the time is up; what has begun goes on");
  } catch (const UnknownFuture& error) {
    return Failure(ExitCode::kNotFound, at + error.what());
  } catch (const ConnectionLost& error) {
    return Failure(ExitCode::kUnavailable, at + error.what());
  } catch (const CodecError& error) {
    return Failure(ExitCode::kUsage, at + error.what());
  } catch (const std::exception& error) {
    return Failure(ExitCode::kRefused, at + error.what());
  }
}

ExitCode map(const MapCommandOptions& options, const Globals& globals) {
  if (options.file.empty() == options.words.empty())
    throw Failure(ExitCode::kUsage, "give items or --items, one of them");
  const auto items = items_of(options);
  InterruptWatch watch;
  Connection connection(globals);
  // The SDK would wait for a daemon that is not there.
  list_executors(connection);
  Executor executor(globals.address, {.executor = options.executor, .max_workers = options.max_workers});
  watch.start([&] { cancel_session(connection, executor.session_id()); });
  std::uint64_t done = 0;
  try {
    print_results(executor, options, *items, connection, done);
    return ExitCode::kOk;
  } catch (...) {
    const Failure failure = failure_at(done);
    std::cout << std::flush;
    std::cerr << "futuredctl: " << printable(failure.what(), true) << std::endl;
    // An Executor's end waits for the tasks that run.
    std::_Exit(static_cast<int>(failure.code()));
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
  command->add_option("--executor", options->executor, "The daemon's executor (default: its first)")->type_name("NAME");
  command->add_option("--max-workers", options->max_workers, "How many to run at once (default: as many as it can)")
      ->check(CLI::PositiveNumber.description(""))
      ->type_name("COUNT");
  command->add_option("--ahead", options->ahead, "How many items to submit ahead of the results (default: 10000)")
      ->check(CLI::PositiveNumber.description(""))
      ->type_name("COUNT");
  add_duration(*command, "--task-timeout", options->task_timeout, "How long each task may run (default: no limit)");
}

}  // namespace futured::cli
