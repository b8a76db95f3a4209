#include <iostream>
#include <memory>

#include "client/cli/command.h"
#include "client/cli/connection.h"
#include "client/cli/json_value.h"

namespace futured::cli {
namespace {

struct WaitOptions {
  std::vector<std::string> ids;
  std::string return_when = "all_completed";
};

v1::ReturnWhen parse_return_when(const std::string& return_when) {
  if (return_when == "first_completed") return v1::RETURN_WHEN_FIRST_COMPLETED;
  return return_when == "first_exception" ? v1::RETURN_WHEN_FIRST_EXCEPTION : v1::RETURN_WHEN_ALL_COMPLETED;
}

constexpr const char* kFooter =
    "Prints each ID with `done` or `not_done`. A failed future is done, and no failure of this command.\n"
    "\n"
    "Examples:\n"
    "  futuredctl wait ID1 ID2 --timeout 1m\n"
    "  futuredctl wait --return-when first_completed ID1 ID2\n"
    "  futuredctl list --state running --output json | jq -r .id | futuredctl wait -";

void print(const v1::WaitResponse& response, const Globals& globals) {
  if (globals.json) {
    const Json done(std::vector<std::string>(response.done().begin(), response.done().end()));
    const Json not_done(std::vector<std::string>(response.not_done().begin(), response.not_done().end()));
    std::cout << dump({{"done", done}, {"not_done", not_done}}) << std::endl;
    return;
  }
  for (const std::string& id : response.done()) std::cout << id << "\tdone\n";
  for (const std::string& id : response.not_done()) std::cout << id << "\tnot_done\n";
}

// Whether what was waited for may not have happened.
bool cut_short(const v1::WaitResponse& response, const Connection& connection, v1::ReturnWhen return_when) {
  if (response.not_done().empty()) return false;
  switch (return_when) {
    case v1::RETURN_WHEN_FIRST_COMPLETED:
      return response.done().empty();
    case v1::RETURN_WHEN_FIRST_EXCEPTION:
      return connection.remaining() == std::chrono::nanoseconds(0);
    default:
      return true;
  }
}

ExitCode wait(const WaitOptions& options, const Globals& globals) {
  Connection connection(globals);
  v1::WaitRequest request;
  for (const std::string& id : all_ids(options.ids)) request.add_ids(id);
  request.set_return_when(parse_return_when(options.return_when));
  const auto response = connection.call(&v1::FutureService::Stub::Wait, request, Connection::Kind::kWaiting);
  print(response, globals);
  if (!cut_short(response, connection, request.return_when())) return ExitCode::kOk;
  throw Failure(ExitCode::kTimeout, "the time is up; not done: " + std::to_string(response.not_done_size()));
}

}  // namespace

void add_wait(CLI::App& app, Action& chosen) {
  const auto options = std::make_shared<WaitOptions>();
  CLI::App* command = add_command(app, "wait", "Wait for some or all of many futures", kFooter, chosen,
                                  [options](const Globals& globals) { return wait(*options, globals); });
  add_ids(*command, options->ids);
  command->add_option("--return-when", options->return_when, "What to wait for (default: all_completed)")
      ->check(one_of({"first_completed", "first_exception", "all_completed"}))
      ->type_name("first_completed|first_exception|all_completed");
}

}  // namespace futured::cli
