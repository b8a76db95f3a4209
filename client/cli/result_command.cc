#include <memory>

#include "client/cli/await.h"
#include "client/cli/command.h"
#include "client/cli/outcome.h"

namespace futured::cli {
namespace {

struct ResultOptions {
  std::string id;
  bool raw = false;
};

constexpr const char* kFooter =
    "Examples:\n"
    "  futuredctl result 3f0c9a51-77d2-8c1e-9d3a-000000000001\n"
    "  futuredctl result --timeout 0 ID          # does not wait\n"
    "  futuredctl result --raw ID > page.html    # a text or bytes as they are";

}  // namespace

void add_result(CLI::App& app, Action& chosen) {
  const auto options = std::make_shared<ResultOptions>();
  CLI::App* command = add_command(app, "result", "Wait for a future and print its value", kFooter, chosen,
                                  [options](const Globals& globals) {
                                    Connection connection(globals);
                                    const v1::Outcome outcome = await_outcome(connection, options->id);
                                    return print_outcome(options->id, outcome, {globals.json, options->raw});
                                  });
  command->add_option("ID", options->id, "Future")->required()->type_name("");
  command->add_flag("--raw", options->raw, "Print a text or bytes as they are");
}

}  // namespace futured::cli
