#include "client/cli/completion.h"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <iostream>
#include <set>
#include <string_view>

#include "client/cli/connection.h"
#include "client/cli/executor_table.h"
#include "client/cli/failure.h"
#include "client/cli/printable.h"

namespace futured::cli {
namespace {

constexpr std::chrono::seconds kPatience{1};

bool takes_value(const CLI::Option& option) { return option.get_items_expected_min() > 0; }

// An option of the command, or of those that it belongs to.
const CLI::Option* find_option(const CLI::App* command, const std::string& name) {
  for (; command; command = command->get_parent()) {
    if (const CLI::Option* option = command->get_option_no_throw(name)) return option;
  }
  return nullptr;
}

// "text|json": the words are meant as they stand. "HOST:PORT|unix:PATH" are not.
bool is_choice(std::string_view type) {
  return type.find('|') != std::string_view::npos &&
         std::ranges::all_of(type, [](unsigned char c) { return std::islower(c) || c == '|' || c == '_'; });
}

Completion values_of(const CLI::Option& option) {
  using More = Completion::More;
  const std::string type = option.get_type_name();
  const std::string& name = option.get_single_name();
  if (is_choice(type)) {
    Completion choice;
    for (const std::string& word : CLI::detail::split(type, '|')) choice.candidates.push_back({word, ""});
    return choice;
  }
  if (type == "FILE" || name == "FILE") return {.more = More::kFiles};
  if (name == "function" || name == "FUNCTION") return {.more = More::kFunctions};
  // Only executors are known by a name alone.
  if (name == "executor" || name == "NAME") return {.more = More::kExecutors};
  return {};
}

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

// nullptr: none of that name.
const CLI::App* find_command(const CLI::App& app, const std::string& name) {
  const std::vector<const CLI::App*> commands = commands_of(app);
  const auto found = std::ranges::find(commands, name, [](const CLI::App* command) { return command->get_name(); });
  return found == commands.end() ? nullptr : *found;
}

// Where the words before the last one lead.
struct Place {
  const CLI::App* command;
  // The option whose value comes next.
  const CLI::Option* option = nullptr;
  std::size_t positionals = 0;
  // After "--" there are no options.
  bool only_positionals = false;
};

void advance(Place& place, const std::string& word) {
  if (place.option) {
    place.option = nullptr;
  } else if (!place.only_positionals && word == "--") {
    place.only_positionals = true;
  } else if (!place.only_positionals && word.starts_with('-')) {
    const CLI::Option* option = find_option(place.command, word);
    if (option && takes_value(*option)) place.option = option;
  } else if (const CLI::App* command = find_command(*place.command, word); command && place.positionals == 0) {
    place.command = command;
  } else {
    ++place.positionals;
  }
}

std::vector<Candidate> options_of(const CLI::App* command) {
  std::vector<Candidate> options;
  std::set<std::string> seen;
  for (; command; command = command->get_parent()) {
    for (const CLI::Option* option : command->get_options()) {
      for (const std::string& name : option->get_lnames()) {
        if (seen.insert(name).second) options.push_back({"--" + name, option->get_description()});
      }
    }
  }
  return options;
}

// The last one may be a list.
const CLI::Option* positional_at(const CLI::App& command, std::size_t index) {
  const auto positionals = command.get_options([](const CLI::Option* option) { return option->get_positional(); });
  if (index < positionals.size()) return positionals[index];
  const bool is_list = !positionals.empty() && positionals.back()->get_items_expected_max() > 1;
  return is_list ? positionals.back() : nullptr;
}

Completion positionals_at(const Place& place) {
  Completion completion;
  if (const CLI::Option* option = positional_at(*place.command, place.positionals)) completion = values_of(*option);
  if (place.positionals > 0) return completion;
  for (const CLI::App* command : commands_of(*place.command)) {
    completion.candidates.push_back({command->get_name(), command->get_description()});
  }
  return completion;
}

// Of the daemon; none if it does not answer.
std::vector<v1::Executor> executors_of(Globals globals) {
  globals.timeout = kPatience;
  try {
    Connection connection(globals);
    return list_executors(connection);
  } catch (const Failure&) {
    return {};
  }
}

}  // namespace

Completion complete(const CLI::App& app, std::span<const std::string> words) {
  if (words.empty()) return {};
  Place place{&app};
  for (const std::string& word : words.first(words.size() - 1)) advance(place, word);
  const std::string& last = words.back();
  if (place.option) return values_of(*place.option);
  if (place.only_positionals || !last.starts_with('-')) return positionals_at(place);
  const std::size_t equals = last.find('=');
  if (equals == std::string::npos) return {.candidates = options_of(place.command)};
  const CLI::Option* option = find_option(place.command, last.substr(0, equals));
  if (!option) return {};
  Completion completion = values_of(*option);
  completion.prefix = last.substr(0, equals + 1);
  return completion;
}

void print_completion(const Completion& completion, const Globals& globals) {
  using More = Completion::More;
  // Functions are those of several executors.
  std::set<std::string> printed;
  const auto print = [&](const std::string& word, const std::string& help) {
    if (printed.insert(word).second) std::cout << completion.prefix << word << '\t' << help << '\n';
  };
  for (const Candidate& candidate : completion.candidates) print(candidate.word, candidate.help);
  if (completion.more == More::kFiles) std::cout << ":files\n";
  if (completion.more != More::kFunctions && completion.more != More::kExecutors) return;
  for (const v1::Executor& executor : executors_of(globals)) {
    if (completion.more == More::kExecutors) print(printable(executor.name()), printable(executor.kind()));
    if (completion.more != More::kFunctions) continue;
    for (const v1::Function& function : executor.functions()) {
      print(printable(function.name()), printable(function.signature()));
    }
  }
}

}  // namespace futured::cli
