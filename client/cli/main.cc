// futuredctl: the command line tool.
#include <CLI/CLI.hpp>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <memory>
#include <string>

#include "client/cli/command.h"
#include "client/cli/credential_flags.h"
#include "client/cli/printable.h"
#include "client/cli/standard_streams.h"

namespace futured::cli {
namespace {

// Writes lists without the length that add_words() gives them.
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_option_opts(const CLI::Option* option) const override {
    return is_list(*option) ? " ..." : CLI::Formatter::make_option_opts(option);
  }
  std::string make_option_usage(const CLI::Option* option) const override {
    const std::string name = option->get_name(true);
    if (!is_list(*option)) return CLI::Formatter::make_option_usage(option);
    return option->get_required() ? name + "..." : "[" + name + "...]";
  }

 private:
  static bool is_list(const CLI::Option& option) {
    return option.get_positional() && option.get_expected_max() == CLI::detail::expected_max_vector_size;
  }
};

void add_globals(CLI::App& app, Globals& globals) {
  app.add_option("--address", globals.address, "Where the daemon serves (default: localhost:7070)")
      ->envname("FUTURED_ADDRESS")
      ->check(not_empty())
      ->type_name("HOST:PORT|tls://HOST:PORT|unix:PATH");
  add_duration(app, "--timeout", globals.timeout,
               "How long the command may take (default: 10s, or for ever where it waits for tasks)");
  app.add_option_function<std::string>(
         "--output", [&globals](const std::string& form) { globals.json = form == "json"; },
         "text for people, json for programs: an object a line (default: text)")
      ->check(one_of({"text", "json"}))
      ->type_name("text|json");
  add_credential_flags(app, globals.credentials);
}

void add_commands(CLI::App& app, Action& chosen) {
  for (const auto add :
       {add_submit, add_map, add_result, add_wait, add_as_completed, add_cancel, add_retry, add_get, add_list, add_logs,
        add_executors, add_functions, add_health, add_top, add_backup, add_token}) {
    add(app, chosen);
  }
}

ExitCode run(const Action& action, const Globals& globals) {
  try {
    const ExitCode code = action(globals);
    flush_output();
    return code;
  } catch (const Failure& failure) {
    std::cout.flush();
    std::cerr << "futuredctl: " << printable(failure.what(), true) << std::endl;
    return failure.code();
  } catch (const std::exception& error) {
    std::cerr << "futuredctl: " << printable(error.what()) << std::endl;
    return ExitCode::kRefused;
  }
}

// What CLI11 says of an unknown command is that there is none.
int refuse(const CLI::App& app, const CLI::ParseError& error) {
  const bool unknown = error.get_exit_code() != 0 && app.get_subcommands().empty() && !app.remaining().empty();
  if (!unknown) return app.exit(error);
  return app.exit(
      CLI::ExtrasError("there is no command '" + app.remaining().front() + "'", CLI::ExitCodes::ExtrasError));
}

int main(int argc, char** argv) {
  prepare_standard_streams();
  // gRPC's own log lines would be among our messages.
  setenv("GRPC_VERBOSITY", "NONE", 0);
  CLI::App app("Submits tasks to a futured daemon, waits for them, and looks after it.", "futuredctl");
  app.formatter(std::make_shared<HelpFormatter>());
  app.set_version_flag("--version", "futuredctl " FUTURED_VERSION);
  app.require_subcommand(1);
  app.failure_message([](const CLI::App* failed, const CLI::Error& error) {
    return "futuredctl: " + CLI::FailureMessage::simple(failed, error);
  });
  app.footer(std::string(kExitCodes) +
             "\n\nExamples:\n"
             "  futuredctl submit math.is_prime 97 --wait\n"
             "  futuredctl map math.is_prime --items numbers.txt\n"
             "  futuredctl COMMAND --help");
  Globals globals;
  Action chosen;
  add_globals(app, globals);
  add_commands(app, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return refuse(app, error) == 0 ? EXIT_SUCCESS : static_cast<int>(ExitCode::kUsage);
  }
  return static_cast<int>(run(chosen, globals));
}

}  // namespace
}  // namespace futured::cli

int main(int argc, char** argv) { return futured::cli::main(argc, argv); }
