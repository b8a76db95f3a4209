#include "client/cli/command.h"

#include <charconv>
#include <iostream>
#include <limits>
#include <system_error>
#include <utility>

#include "client/cli/duration.h"
#include "client/cli/lines.h"

namespace futured::cli {

CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& help, const std::string& footer,
                      Action& chosen, Action action) {
  CLI::App* command = parent.add_subcommand(name, help);
  command->fallthrough();
  command->footer(footer + "\n\n--address, --timeout and --output may follow as well: see futuredctl --help.");
  command->callback([&chosen, command, action = std::move(action)] {
    // A sub-command of this one has been chosen instead.
    if (command->get_subcommands().empty()) chosen = action;
  });
  return command;
}

CLI::Option* add_duration(CLI::App& app, const std::string& name, std::optional<std::chrono::nanoseconds>& target,
                          const std::string& help) {
  return add_duration(
      app, name, [&target](std::chrono::nanoseconds time) { target = time; }, help);
}

CLI::Option* add_duration(CLI::App& app, const std::string& name, std::function<void(std::chrono::nanoseconds)> take,
                          const std::string& help) {
  return app
      .add_option_function<std::string>(
          name,
          [take = std::move(take), name](const std::string& text) {
            const auto time = parse_duration(text);
            if (!time) throw CLI::ValidationError(name, "'" + text + "' is no duration like 250ms, 30s, 5m, 1h or 30d");
            take(*time);
          },
          help)
      ->type_name("DURATION");
}

void add_words(CLI::App& app, const std::string& name, std::vector<std::string>& target, const std::string& help) {
  // CLI11 takes "[1, 2]" apart in a list that may have extra words. In one that always lacks some it does not.
  constexpr int kNeverReached = 1 << 28;
  app.add_option(name, target, help)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->expected(kNeverReached, -1)
      ->allow_extra_args(false)
      ->type_name("");
}

CLI::Validator one_of(const std::vector<std::string>& words) { return CLI::IsMember(words).description(""); }

CLI::Validator at_least(std::int32_t least) {
  const auto refuse = [least](const std::string& text) -> std::string {
    std::int32_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    if (error == std::errc{} && rest == end && number >= least) return "";
    return "'" + text + "' is no whole number from " + std::to_string(least) + " to " +
           std::to_string(std::numeric_limits<std::int32_t>::max());
  };
  return {refuse, ""};
}

CLI::Option* add_ids(CLI::App& app, std::vector<std::string>& target) {
  return app.add_option("ID", target, "Futures; - reads IDs from standard input, one a line")
      ->required()
      ->type_name("");
}

std::vector<std::string> all_ids(const std::vector<std::string>& given) {
  std::vector<std::string> all;
  for (const std::string& id : given) {
    if (id != "-") {
      all.push_back(id);
      continue;
    }
    for (std::string line; next_line(std::cin, line);) all.push_back(line);
  }
  if (all.empty()) throw Failure(ExitCode::kUsage, "there are no IDs on standard input");
  return all;
}

}  // namespace futured::cli
