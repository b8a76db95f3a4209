#include <iostream>
#include <memory>

#include "client/cli/command.h"
#include "client/cli/connection.h"
#include "client/cli/executor_table.h"
#include "client/cli/future_json.h"
#include "client/cli/table.h"

namespace futured::cli {
namespace {

constexpr const char* kExecutorsFooter =
    "Examples:\n"
    "  futuredctl executors\n"
    "  futuredctl executors pause thread      # begins no task until it is resumed; submits are accepted\n"
    "  futuredctl executors drain thread      # refuses submits; what was accepted is run\n"
    "  futuredctl executors resume thread";
constexpr const char* kFunctionsFooter =
    "Examples:\n"
    "  futuredctl functions\n"
    "  futuredctl functions --output json";

void print(const std::vector<v1::Executor>& executors, const Globals& globals) {
  if (globals.json) {
    for (const v1::Executor& executor : executors) std::cout << dump(to_json(executor)) << '\n';
  } else {
    std::cout << executor_table(executors);
  }
}

// Adds `executors pause NAME` and the like.
template <class Request, class Response>
void add_change(CLI::App& parent, const std::string& name, const std::string& help, Action& chosen,
                grpc::Status (v1::ExecutorService::Stub::*method)(grpc::ClientContext*, const Request&, Response*)) {
  const auto executor = std::make_shared<std::string>();
  const std::string footer = "Examples:\n  futuredctl executors " + name + " thread";
  CLI::App* command = add_command(parent, name, help, footer, chosen, [executor, method](const Globals& globals) {
    Connection connection(globals);
    Request request;
    request.set_name(*executor);
    print({connection.call(connection.executors(), method, request).executor()}, globals);
    return ExitCode::kOk;
  });
  command->add_option("NAME", *executor, "Executor")->required()->type_name("");
}

ExitCode functions(const Globals& globals) {
  Connection connection(globals);
  Table table({"FUNCTION", "SIGNATURE", "EXECUTOR"});
  for (const v1::Executor& executor : list_executors(connection)) {
    for (const v1::Function& function : executor.functions()) {
      if (globals.json) {
        std::cout << dump({{"name", function.name()},
                           {"signature", function.signature()},
                           {"executor", executor.name()}})
                  << '\n';
      }
      table.add({function.name(), function.signature(), executor.name()});
    }
  }
  if (!globals.json) std::cout << table.text();
  return ExitCode::kOk;
}

}  // namespace

void add_executors(CLI::App& app, Action& chosen) {
  CLI::App* command = add_command(app, "executors", "Show the executors; pause, resume and drain them",
                                  kExecutorsFooter, chosen, [](const Globals& globals) {
                                    Connection connection(globals);
                                    print(list_executors(connection), globals);
                                    return ExitCode::kOk;
                                  });
  using Stub = v1::ExecutorService::Stub;
  add_change(*command, "pause", "Stop beginning tasks", chosen, &Stub::Pause);
  add_change(*command, "resume", "Undo pause and drain", chosen, &Stub::Resume);
  add_change(*command, "drain", "Refuse new tasks", chosen, &Stub::Drain);
}

void add_functions(CLI::App& app, Action& chosen) {
  add_command(app, "functions", "Show the functions that can be called", kFunctionsFooter, chosen, functions);
}

}  // namespace futured::cli
