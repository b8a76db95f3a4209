#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <memory>

#include "client/cli/command.h"
#include "client/cli/connection.h"
#include "client/cli/duration.h"
#include "client/cli/future_table.h"
#include "client/cli/names.h"
#include "client/cli/task_flags.h"

namespace futured::cli {
namespace {

struct ListOptions {
  std::vector<std::string> states;
  std::string function;
  std::string executor;
  std::string session;
  // Labels and times.
  v1::ListRequest request;
  std::uint32_t limit = 100;
};

constexpr const char* kFooter =
    "Oldest first.\n"
    "\n"
    "Examples:\n"
    "  futuredctl list --state running\n"
    "  futuredctl list --state pending,failed --function math.is_prime --limit 1000\n"
    "  futuredctl list --label team=sales --since 1h\n"
    "  futuredctl list --since 2025-01-31T12:00:00Z --until 2025-02-01T00:00:00Z\n"
    "  futuredctl list --limit 0 --output json > futures.jsonl";

constexpr std::uint64_t kLargestPage = 1000;

// "1h" is so long ago.
google::protobuf::Timestamp time_or_age(const std::string& flag, const std::string& text) {
  using google::protobuf::util::TimeUtil;
  const auto age = parse_duration(text);
  return age ? TimeUtil::GetCurrentTime() - to_proto(*age) : parse_time(flag, text);
}

v1::ListRequest request_for(const ListOptions& options) {
  v1::ListRequest request = options.request;
  for (const std::string& state : options.states) {
    v1::FutureState parsed = v1::FUTURE_STATE_UNSPECIFIED;
    v1::FutureState_Parse(full_name(state, "FUTURE_STATE_"), &parsed);
    request.add_states(parsed);
  }
  request.set_function(options.function);
  request.set_executor(options.executor);
  request.set_session(options.session);
  return request;
}

ExitCode list(const ListOptions& options, const Globals& globals) {
  Connection connection(globals);
  v1::ListRequest request = request_for(options);
  std::vector<v1::Future> futures;
  const auto wanted = [&] { return options.limit == 0 ? kLargestPage : options.limit - futures.size(); };
  do {
    request.set_page_size(static_cast<std::int32_t>(std::min(wanted(), kLargestPage)));
    const auto response = connection.call(&v1::FutureService::Stub::List, request);
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
  v1::ListRequest& request = options->request;
  add_labels(*command, *request.mutable_labels(), "Only those with this label; may be repeated");
  command
      ->add_option_function<std::string>(
          "--since",
          [&request](const std::string& text) { *request.mutable_submitted_from() = time_or_age("--since", text); },
          "Only those submitted at this time or later, or within this duration")
      ->type_name("TIME");
  command
      ->add_option_function<std::string>(
          "--until",
          [&request](const std::string& text) { *request.mutable_submitted_before() = time_or_age("--until", text); },
          "Only those submitted before this time, or longer ago")
      ->type_name("TIME");
  command->add_option("--limit", options->limit, "How many at most; 0: all (default: 100)")
      ->check(at_least(0))
      ->type_name("COUNT");
}

}  // namespace futured::cli
