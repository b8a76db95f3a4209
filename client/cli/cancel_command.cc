#include <iostream>
#include <memory>

#include "client/cli/command.h"
#include "client/cli/connection.h"
#include "client/cli/duration.h"
#include "client/cli/json_value.h"
#include "client/cli/names.h"

namespace futured::cli {
namespace {

struct CancelOptions {
  std::vector<std::string> ids;
  std::string session;
  bool running = false;
  bool force = false;
  std::optional<std::chrono::nanoseconds> grace;
};

constexpr const char* kFooter =
    "Prints what happened to each: cancelled (it never runs), running (it goes on), stop_requested,\n"
    "stop_enforced (it is killed when the grace is over), finished, not_found. Only executors of kind\n"
    "\"process\" can kill; elsewhere --force is --running.\n"
    "\n"
    "Examples:\n"
    "  futuredctl cancel ID1 ID2\n"
    "  futuredctl cancel --running ID            # also asks a running function to stop\n"
    "  futuredctl cancel --force --grace 5s ID   # also kills one that has not stopped after 5 s\n"
    "  futuredctl cancel --session 3f0c9a51-77d2-8c1e-9d3a-000000000000";

ExitCode print_counts(const v1::CancelResponse& response, const Globals& globals) {
  if (globals.json) {
    std::cout << dump({{"cancelled", response.cancelled()}, {"stop_requested", response.stop_requested()}})
              << std::endl;
  } else {
    std::cout << response.cancelled() << " cancelled, " << response.stop_requested() << " asked to stop" << std::endl;
  }
  return ExitCode::kOk;
}

ExitCode print_effects(const std::vector<std::string>& ids, const v1::CancelResponse& response,
                       const Globals& globals) {
  ExitCode code = ExitCode::kOk;
  for (int i = 0; i < response.effects_size(); ++i) {
    const std::string& id = ids[static_cast<std::size_t>(i)];
    const std::string effect = short_name(v1::CancelEffect_Name(response.effects(i)), "CANCEL_EFFECT_");
    if (globals.json) {
      std::cout << dump({{"id", id}, {"effect", effect}}) << '\n';
    } else {
      std::cout << id << '\t' << effect << '\n';
    }
    if (response.effects(i) == v1::CANCEL_EFFECT_NOT_FOUND) code = ExitCode::kNotFound;
  }
  return code;
}

v1::CancelMode mode_of(const CancelOptions& options) {
  if (options.force) return v1::CANCEL_MODE_FORCE;
  return options.running ? v1::CANCEL_MODE_COOPERATIVE : v1::CANCEL_MODE_PENDING;
}

ExitCode cancel(const CancelOptions& options, const Globals& globals) {
  if (options.ids.empty() == options.session.empty()) {
    throw Failure(ExitCode::kUsage, "give IDs or --session, one of them");
  }
  Connection connection(globals);
  v1::CancelRequest request;
  request.set_session(options.session);
  request.set_mode(mode_of(options));
  if (options.grace) *request.mutable_grace() = to_proto(*options.grace);
  const auto ids = options.session.empty() ? all_ids(options.ids) : std::vector<std::string>();
  for (const std::string& id : ids) request.add_ids(id);
  const auto response = connection.call(&v1::FutureService::Stub::Cancel, request);
  return ids.empty() ? print_counts(response, globals) : print_effects(ids, response, globals);
}

}  // namespace

void add_cancel(CLI::App& app, Action& chosen) {
  const auto options = std::make_shared<CancelOptions>();
  CLI::App* command = add_command(app, "cancel", "Cancel futures", kFooter, chosen,
                                  [options](const Globals& globals) { return cancel(*options, globals); });
  add_ids(*command, options->ids)->required(false);
  command->add_option("--session", options->session, "All unfinished futures of a session, instead of IDs")
      ->type_name("ID");
  command->add_flag("--running", options->running, "Also ask running functions to stop");
  CLI::Option* force =
      command->add_flag("--force", options->force, "Also ask running functions to stop, and kill those that don't");
  add_duration(*command, "--grace", options->grace, "How long they may take to stop (default: 0s, at most 1h)")
      ->needs(force);
}

}  // namespace futured::cli
