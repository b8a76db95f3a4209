// futuredctl: the command line tool.
#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>
#include <memory>
#include <string>

#include "client/cli/command.h"
#include "client/cli/printable.h"
#include "futured/codec_error.h"

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
    return is_list(*option) ? "[" + name + "...]" : CLI::Formatter::make_option_usage(option);
  }

 private:
  static bool is_list(const CLI::Option& option) {
    return option.get_positional() && option.get_expected_max() == CLI::detail::expected_max_vector_size;
  }
};

void add_globals(CLI::App& app, Globals& globals) {
  app.add_option("--address", globals.address, "Where the daemon serves (default: localhost:7070)")
      ->envname("FUTURED_ADDRESS")
      ->type_name("HOST:PORT");
  add_duration(app, "--timeout", globals.timeout,
               "How long the command may take (default: 10s, or for ever where it waits for tasks)");
  app.add_option_function<std::string>(
         "--output", [&globals](const std::string& form) { globals.json = form == "json"; },
         "text for people, json for programs: an object a line (default: text)")
      ->check(one_of({"text", "json"}))
      ->type_name("text|json");
}

void add_commands(CLI::App& app, Action& chosen) {
  for (const auto add : {add_submit, add_map, add_result, add_wait, add_as_completed, add_cancel, add_get, add_list,
                         add_executors, add_functions, add_health, add_top}) {
    add(app, chosen);
  }
}

ExitCode run(const Action& action, const Globals& globals) {
  try {
    const ExitCode code = action(globals);
    if (std::cout.flush()) return code;
    throw Failure(ExitCode::kRefused, "cannot write to standard output");
  } catch (const Failure& failure) {
    std::cout.flush();
    std::cerr << "futuredctl: " << printable(failure.what(), true) << std::endl;
    return failure.code();
  } catch (const CodecError& error) {
    std::cerr << "futuredctl: " << printable(error.what()) << std::endl;
    return ExitCode::kUsage;
  } catch (const std::exception& error) {
    std::cerr << "futuredctl: " << printable(error.what()) << std::endl;
    return ExitCode::kRefused;
  }
}

int main(int argc, char** argv) {
  CLI::App app("Submits tasks to a futured daemon, waits for them, and looks after it.", "futuredctl");
  app.formatter(std::make_shared<HelpFormatter>());
  app.set_version_flag("--version", "futuredctl " FUTURED_VERSION);
  app.require_subcommand(1);
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
    return app.exit(error) == 0 ? EXIT_SUCCESS : static_cast<int>(ExitCode::kUsage);
  }
  return static_cast<int>(run(chosen, globals));
}

}  // namespace
}  // namespace futured::cli

int main(int argc, char** argv) { return futured::cli::main(argc, argv); }
