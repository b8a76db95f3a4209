// The sub-commands, each in the file of its name or group.
#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "client/cli/failure.h"
#include "client/cli/globals.h"

namespace futured::cli {

// What a sub-command does once the command line is read. It may throw Failure.
using Action = std::function<ExitCode(const Globals&)>;

// Adds a sub-command whose parsing leaves its action in `chosen`. Options of futuredctl may follow it.
CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& help, const std::string& footer,
                      Action& chosen, Action action);

// An option whose value is like "30s".
CLI::Option* add_duration(CLI::App& app, const std::string& name, std::optional<std::chrono::nanoseconds>& target,
                          const std::string& help);
CLI::Option* add_duration(CLI::App& app, const std::string& name, std::function<void(std::chrono::nanoseconds)> take,
                          const std::string& help);
// A list of arguments or items, each taken as it is.
void add_words(CLI::App& app, const std::string& name, std::vector<std::string>& target, const std::string& help);
// A text of at least one character.
CLI::Validator not_empty();
// Refuses other words.
CLI::Validator one_of(const std::vector<std::string>& words);
// Refuses what is no whole number, and what is smaller.
CLI::Validator at_least(std::int32_t least);
// A required list of IDs. "-" stands for those on standard input, one a line.
CLI::Option* add_ids(CLI::App& app, std::vector<std::string>& target);
// The IDs, with "-" replaced. Throws Failure if there are none.
std::vector<std::string> all_ids(const std::vector<std::string>& given);

// These add sub-commands to the program.
void add_submit(CLI::App& app, Action& chosen);
void add_map(CLI::App& app, Action& chosen);
void add_result(CLI::App& app, Action& chosen);
void add_wait(CLI::App& app, Action& chosen);
void add_as_completed(CLI::App& app, Action& chosen);
void add_cancel(CLI::App& app, Action& chosen);
void add_retry(CLI::App& app, Action& chosen);
void add_get(CLI::App& app, Action& chosen);
void add_list(CLI::App& app, Action& chosen);
void add_logs(CLI::App& app, Action& chosen);
void add_executors(CLI::App& app, Action& chosen);
void add_functions(CLI::App& app, Action& chosen);
void add_health(CLI::App& app, Action& chosen);
void add_top(CLI::App& app, Action& chosen);
void add_backup(CLI::App& app, Action& chosen);
void add_token(CLI::App& app, Action& chosen);

}  // namespace futured::cli
