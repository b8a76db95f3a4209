#include <algorithm>
#include <memory>

#include "client/cli/command.h"
#include "client/cli/connection.h"
#include "client/cli/future_table.h"
#include "client/cli/names.h"

namespace futured::cli {
namespace {

struct ListOptions {
  std::vector<std::string> states;
  std::string function;
  std::string executor;
  std::string session;
  std::uint32_t limit = 100;
};

constexpr const char* kFooter =
    "Oldest first.\n"
    "\n"
    "Examples:\n"
    "  futuredctl list --state running\n"
    "  futuredctl list --state pending,failed --function math.is_prime --limit 1000\n"
    "  futuredctl list --limit 0 --output json > futures.jsonl";

constexpr std::uint64_t kLargestPage = 1000;

ExitCode list(const ListOptions& options, const Globals& globals) {
  Connection connection(globals);
  v1::ListRequest request;
  for (const std::string& state : options.states) {
    v1::FutureState parsed = v1::FUTURE_STATE_UNSPECIFIED;
    v1::FutureState_Parse(full_name(state, "FUTURE_STATE_"), &parsed);
    request.add_states(parsed);
  }
  request.set_function(options.function);
  request.set_executor(options.executor);
  request.set_session(options.session);
  std::vector<v1::Future> futures;
  const auto wanted = [&] { return options.limit == 0 ? kLargestPage : options.limit - futures.size(); };
  do {
    request.set_page_size(static_cast<std::int32_t>(std::min(wanted(), kLargestPage)));
    const auto response = connection.call(connection.futures(), &v1::FutureService::Stub::List, request);
    futures.insert(futures.end(), response.futures().begin(), response.futures().end());
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty() && wanted() > 0);
  print_futures(futures, globals);
  return ExitCode::kOk;
}

}  // namespace

void add_list(CLI::App& app, Action& chosen) {
  const auto options = std::make_shared<ListOptions>();
  CLI::App* command = add_command(app, "list", "Show all futures, or some", kFooter, chosen,
                                  [options](const Globals& globals) { return list(*options, globals); });
  command->add_option("--state", options->states, "Only those in these states")
      ->delimiter(',')
      ->check(one_of({"pending", "running", "succeeded", "failed", "cancelled"}))
      ->type_name("pending|running|succeeded|failed|cancelled");
  command->add_option("--function", options->function, "Only those of this function")->type_name("NAME");
  command->add_option("--executor", options->executor, "Only those of this executor")->type_name("NAME");
  command->add_option("--session", options->session, "Only those of this session")->type_name("ID");
  command->add_option("--limit", options->limit, "How many at most; 0: all (default: 100)")
      ->check(at_least(0))
      ->type_name("COUNT");
}

}  // namespace futured::cli
