#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "client/cli/command.h"
#include "client/cli/connection.h"
#include "client/cli/json_value.h"
#include "client/cpp/src/session_id.h"

namespace futured::cli {
namespace {

constexpr const char* kFooter =
    "Submits each again that has failed or was cancelled: the same function, arguments, executor and options.\n"
    "Prints the IDs of the new futures, one a line. Ends with the first that cannot be retried.\n"
    "\n"
    "Examples:\n"
    "  futuredctl retry ID1 ID2\n"
    "  futuredctl retry ID | futuredctl wait -";

ExitCode retry(const std::vector<std::string>& given, const Globals& globals) {
  Connection connection(globals);
  for (const std::string& id : all_ids(given)) {
    v1::RetryRequest request;
    request.set_id(id);
    // So that it may be repeated.
    request.set_new_id(detail::SessionId::random().future(1));
    const auto response = connection.call(&v1::FutureService::Stub::Retry, request);
    if (globals.json) {
      std::cout << dump({{"id", id}, {"new_id", response.id()}}) << std::endl;
    } else {
      std::cout << response.id() << std::endl;
    }
  }
  return ExitCode::kOk;
}

}  // namespace

void add_retry(CLI::App& app, Action& chosen) {
  const auto ids = std::make_shared<std::vector<std::string>>();
  CLI::App* command = add_command(app, "retry", "Submit futures again that have failed", kFooter, chosen,
                                  [ids](const Globals& globals) { return retry(*ids, globals); });
  add_ids(*command, *ids);
}

}  // namespace futured::cli
