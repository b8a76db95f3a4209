#include <chrono>
#include <future>
#include <iostream>
#include <memory>

#include "client/cli/await.h"
#include "client/cli/cancel_on_interrupt.h"
#include "client/cli/command.h"
#include "client/cli/interrupt_watch.h"
#include "client/cli/outcome.h"
#include "client/cli/task_flags.h"
#include "client/cpp/src/session_id.h"

namespace futured::cli {
namespace {

struct SubmitOptions {
  std::string function;
  std::vector<std::string> arguments;
  bool text = false;
  bool wait = false;
  bool raw = false;
  std::string id;
  v1::TaskOptions task;
};

constexpr const char* kFooter =
    "Prints the future's ID, or its value when it waits. An argument is read as JSON if it is JSON, else it is a "
    "text:\n"
    "97, -0.5, true, null, [1, 2], {\"a\": 1}, hello, \"97\" (a text), {\"base64\": \"aGk=\"} (bytes).\n"
    "While it waits, Ctrl-C cancels the task, and asks it to stop if it runs.\n"
    "\n"
    "Examples:\n"
    "  futuredctl submit math.is_prime 97 --wait\n"
    "  futuredctl submit http.get http://localhost:8000/ --wait --timeout 10s\n"
    "  futuredctl submit text.word_count --string 97 --wait\n"
    "  futuredctl submit report.build 2025 --attempts 5 --retry-on worker,timeout --label team=sales\n"
    "  futuredctl result $(futuredctl submit math.is_prime 9999999999999999)";

v1::SubmitRequest request_for(const SubmitOptions& options) {
  v1::SubmitRequest request;
  v1::Task& task = *request.add_tasks();
  task.set_function(options.function);
  // With an ID the call may be made again, and is the same future.
  task.set_id(options.id.empty() ? detail::SessionId::random().future(1) : options.id);
  for (const std::string& argument : options.arguments) {
    const Reading reading = options.text ? Reading::kText : Reading::kJson;
    *task.mutable_arguments()->add_positional() = to_value(argument, reading);
  }
  *task.mutable_options() = options.task;
  return request;
}

v1::SubmittedFuture submit(Connection& connection, const SubmitOptions& options, Connection::Kind kind) {
  return connection.call(&v1::FutureService::Stub::Submit, request_for(options), kind).futures(0);
}

ExitCode submit_and_leave(const SubmitOptions& options, const Globals& globals) {
  Connection connection(globals);
  const v1::SubmittedFuture future = submit(connection, options, Connection::Kind::kShort);
  if (globals.json) {
    std::cout << dump(to_json(future.id(), future.state(), {})) << '\n';
  } else {
    std::cout << future.id() << '\n';
  }
  return ExitCode::kOk;
}

void cancel_when_known(std::future<std::string>& id, const Globals& globals) {
  // A daemon that does not answer has no future either.
  if (id.wait_for(std::chrono::seconds(2)) != std::future_status::ready) return;
  v1::CancelRequest request;
  request.add_ids(id.get());
  request.set_mode(v1::CANCEL_MODE_COOPERATIVE);
  cancel_on_interrupt(globals, request);
}

ExitCode submit_and_wait(const SubmitOptions& options, const Globals& globals) {
  std::promise<std::string> id;
  std::future<std::string> known = id.get_future();
  InterruptWatch watch([&] { cancel_when_known(known, globals); });
  Connection connection(globals);
  const v1::SubmittedFuture future = submit(connection, options, Connection::Kind::kBeforeWait);
  id.set_value(future.id());
  const v1::Outcome outcome = await_outcome(connection, future.id());
  watch.stop();
  return print_outcome(future.id(), outcome, {globals.json, options.raw});
}

}  // namespace

void add_submit(CLI::App& app, Action& chosen) {
  const auto options = std::make_shared<SubmitOptions>();
  CLI::App* command = add_command(app, "submit", "Call a function", kFooter, chosen, [options](const Globals& globals) {
    return options->wait ? submit_and_wait(*options, globals) : submit_and_leave(*options, globals);
  });
  command->add_option("FUNCTION", options->function, "Name of the function")->required()->type_name("");
  add_words(*command, "ARGUMENT", options->arguments, "Its arguments");
  command->add_flag("--string", options->text, "Take all arguments as texts");
  command->add_flag("--wait", options->wait, "Wait, and print the value");
  command->add_flag("--raw", options->raw, "Print a text or bytes as they are");
  command->add_option("--id", options->id, "The future's ID, a UUID of version 8: a repeated submit is the same future")
      ->type_name("ID");
  add_task_flags(*command, options->task);
}

}  // namespace futured::cli
