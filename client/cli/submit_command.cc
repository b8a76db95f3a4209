#include <algorithm>
#include <chrono>
#include <iostream>
#include <memory>

#include "client/cli/await.h"
#include "client/cli/command.h"
#include "client/cli/duration.h"
#include "client/cli/outcome.h"

namespace futured::cli {
namespace {

struct SubmitOptions {
  std::string function;
  std::vector<std::string> arguments;
  bool text = false;
  bool wait = false;
  bool raw = false;
  std::string id;
  std::string executor;
  std::optional<std::chrono::nanoseconds> task_timeout;
  std::optional<std::chrono::nanoseconds> retention;
};

constexpr const char* kFooter =
    "Prints the future's ID, or its value when it waits. An argument is read as JSON if it is JSON, else it is a "
    "text:\n"
    "97, -0.5, true, null, [1, 2], {\"a\": 1}, hello, \"97\" (a text), {\"base64\": \"aGk=\"} (bytes).\n"
    "\n"
    "Examples:\n"
    "  futuredctl submit math.is_prime 97 --wait\n"
    "  futuredctl submit http.get http://localhost:8000/ --wait --timeout 10s\n"
    "  futuredctl submit text.word_count --string 97 --wait\n"
    "  futuredctl result $(futuredctl submit math.is_prime 9999999999999999)";

// The most that a call may wait in the daemon.
constexpr std::chrono::nanoseconds kLongestWait = std::chrono::hours(1);

v1::SubmitRequest request_for(const SubmitOptions& options, const Connection& connection) {
  v1::SubmitRequest request;
  v1::Task& task = *request.add_tasks();
  task.set_function(options.function);
  task.set_id(options.id);
  for (const std::string& argument : options.arguments) {
    const Reading reading = options.text ? Reading::kText : Reading::kJson;
    *task.mutable_arguments()->add_positional() = to_value(argument, reading);
  }
  task.mutable_options()->set_executor(options.executor);
  if (options.task_timeout) *task.mutable_options()->mutable_timeout() = to_proto(*options.task_timeout);
  if (options.retention) *task.mutable_options()->mutable_retention() = to_proto(*options.retention);
  if (options.wait) {
    *request.mutable_wait() = to_proto(std::min(connection.remaining().value_or(kLongestWait), kLongestWait));
  }
  return request;
}

ExitCode print_id(const v1::SubmittedFuture& future, const Globals& globals) {
  if (globals.json) {
    std::cout << dump(to_json(future.id(), future.state(), {})) << std::endl;
  } else {
    std::cout << future.id() << std::endl;
  }
  return ExitCode::kOk;
}

ExitCode submit(const SubmitOptions& options, const Globals& globals) {
  Connection connection(globals);
  const v1::SubmitRequest request = request_for(options, connection);
  const auto kind = options.wait ? Connection::Kind::kWaiting : Connection::Kind::kShort;
  const auto response = connection.call(connection.futures(), &v1::FutureService::Stub::Submit, request, kind);
  const v1::SubmittedFuture& future = response.futures(0);
  if (!options.wait) return print_id(future, globals);
  const v1::Outcome outcome = future.has_outcome() ? future.outcome() : await_outcome(connection, future.id());
  return print_outcome(future.id(), outcome, {globals.json, options.raw});
}

}  // namespace

void add_submit(CLI::App& app, Action& chosen) {
  const auto options = std::make_shared<SubmitOptions>();
  CLI::App* command = add_command(app, "submit", "Call a function", kFooter, chosen,
                                  [options](const Globals& globals) { return submit(*options, globals); });
  command->add_option("FUNCTION", options->function, "Name of the function")->required()->type_name("");
  add_words(*command, "ARGUMENT", options->arguments, "Its arguments");
  command->add_flag("--string", options->text, "Take all arguments as texts");
  command->add_flag("--wait", options->wait, "Wait, and print the value");
  command->add_flag("--raw", options->raw, "Print a text or bytes as they are");
  command->add_option("--id", options->id, "The future's ID, a UUID of version 8: a repeated submit is the same future")
      ->type_name("ID");
  command->add_option("--executor", options->executor, "The daemon's executor (default: its first)")->type_name("NAME");
  add_duration(*command, "--task-timeout", options->task_timeout, "How long the task may run (default: no limit)");
  add_duration(*command, "--retention", options->retention, "How long the outcome is kept (default: the daemon's)");
}

}  // namespace futured::cli
