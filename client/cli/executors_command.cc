#include <iostream>
#include <memory>

#include "client/cli/command.h"
#include "client/cli/connection.h"
#include "client/cli/executor_table.h"
#include "client/cli/future_json.h"
#include "client/cli/printable.h"
#include "client/cli/table.h"

namespace futured::cli {
namespace {

constexpr const char* kExecutorsFooter =
    "Examples:\n"
    "  futuredctl executors\n"
    "  futuredctl executors --workers         # the processes they run\n"
    "  futuredctl executors pause thread      # begins no task until it is resumed; submits are accepted\n"
    "  futuredctl executors drain thread      # refuses submits; what was accepted is run\n"
    "  futuredctl executors resume thread\n"
    "  futuredctl executors show cpu          # its sandbox and its worker processes\n"
    "  futuredctl executors end-workers cpu   # what they had begun fails; others take their place";
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

void print_workers(const std::vector<v1::Executor>& executors, const Globals& globals) {
  if (!globals.json) {
    std::cout << worker_table(executors);
    return;
  }
  for (const v1::Executor& executor : executors) {
    for (const v1::Worker& worker : executor.workers()) {
      Json json = to_json(worker);
      json["executor"] = executor.name();
      std::cout << dump(json) << '\n';
    }
  }
}

// With everything about it.
void print_whole(const v1::Executor& executor, const Globals& globals) {
  print({executor}, globals);
  if (globals.json) return;
  // Threads have neither.
  if (executor.sandbox().empty()) return;
  std::cout << "\nsandbox " << printable(executor.sandbox()) << "\n\n" << worker_table({executor});
}

// Adds `executors pause NAME` and the like. `print` shows the executor in the answer.
template <class Request, class Response>
CLI::App* add_about_one(CLI::App& parent, const std::string& name, const std::string& help, const std::string& footer,
                        Action& chosen,
                        grpc::Status (v1::ExecutorService::Stub::*method)(grpc::ClientContext*, const Request&,
                                                                          Response*),
                        const std::shared_ptr<Request>& request, void (*print)(const v1::Executor&, const Globals&)) {
  CLI::App* command = add_command(parent, name, help, footer, chosen, [request, method, print](const Globals& globals) {
    Connection connection(globals);
    print(connection.call(method, *request).executor(), globals);
    return ExitCode::kOk;
  });
  command
      ->add_option_function<std::string>(
          "NAME", [request](const std::string& executor) { request->set_name(executor); }, "Executor")
      ->required()
      ->type_name("");
  return command;
}

template <class Request, class Response>
void add_change(CLI::App& parent, const std::string& name, const std::string& help, Action& chosen,
                grpc::Status (v1::ExecutorService::Stub::*method)(grpc::ClientContext*, const Request&, Response*)) {
  add_about_one(parent, name, help, "Examples:\n  futuredctl executors " + name + " thread", chosen, method,
                std::make_shared<Request>(),
                [](const v1::Executor& executor, const Globals& globals) { print({executor}, globals); });
}

void add_show(CLI::App& parent, Action& chosen) {
  add_about_one(parent, "show", "Show one, with its sandbox and its worker processes",
                "Examples:\n  futuredctl executors show cpu", chosen, &v1::ExecutorService::Stub::Get,
                std::make_shared<v1::ExecutorServiceGetRequest>(), print_whole);
}

void add_end_workers(CLI::App& parent, Action& chosen) {
  const auto request = std::make_shared<v1::EndWorkersRequest>();
  constexpr const char* kFooter =
      "What they had begun fails; everything else goes on in the processes that take their place.\n"
      "\n"
      "Examples:\n"
      "  futuredctl executors end-workers cpu          # by SIGTERM, and by SIGKILL after its kill_grace\n"
      "  futuredctl executors end-workers cpu --kill";
  CLI::App* command = add_about_one(parent, "end-workers", "End all worker processes", kFooter, chosen,
                                    &v1::ExecutorService::Stub::EndWorkers, request, print_whole);
  request->set_mode(v1::END_WORKERS_MODE_TERMINATE);
  command->add_flag_callback(
      "--kill", [request] { request->set_mode(v1::END_WORKERS_MODE_KILL); }, "By SIGKILL at once");
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
  const auto workers = std::make_shared<bool>(false);
  CLI::App* command = add_command(app, "executors", "Show the executors; pause, resume and drain them",
                                  kExecutorsFooter, chosen, [workers](const Globals& globals) {
                                    Connection connection(globals);
                                    (*workers ? print_workers : print)(list_executors(connection), globals);
                                    return ExitCode::kOk;
                                  });
  command->add_flag("--workers", *workers, "Show their worker processes instead");
  using Stub = v1::ExecutorService::Stub;
  add_change(*command, "pause", "Stop beginning tasks", chosen, &Stub::Pause);
  add_change(*command, "resume", "Undo pause and drain", chosen, &Stub::Resume);
  add_change(*command, "drain", "Refuse new tasks", chosen, &Stub::Drain);
  add_show(*command, chosen);
  add_end_workers(*command, chosen);
}

void add_functions(CLI::App& app, Action& chosen) {
  add_command(app, "functions", "Show the functions that can be called", kFunctionsFooter, chosen, functions);
}

}  // namespace futured::cli
