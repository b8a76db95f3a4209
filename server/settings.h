// Settings: one row for each option. The row's name is the key in the configuration file, and with other spelling the
// flag (--max-pending) and the environment variable (FUTURED_MAX_PENDING).
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/options.h"
#include "server/units.h"

namespace futured::server {

// A row about a T: Options, ExecutorOptions or FunctionOptions.
template <class T>
struct Setting {
  // kSwitch needs no value as a flag. kPaths, kTexts, kCommand and kAddresses are lists; in the environment with colons
  // between, kAddresses with commas. In a file a list of one address may be a text, and paths are relative to it:
  // kPath, kPaths, and the program of a kCommand if it has a slash.
  enum class Kind { kValue, kSwitch, kPath, kPaths, kTexts, kCommand, kAddresses };

  std::string_view name;
  // What a value looks like, for --help.
  std::string_view value;
  std::string_view help;
  Kind kind = Kind::kValue;
  // Takes one text, or a list any number. The failure says what is wrong, without naming the setting.
  std::function<Parsed<void>(T&, std::span<const std::string>)> set;
  // As a TOML value; empty: not set.
  std::function<std::string(const T&)> show;
  // The kind of executors that have it; empty: all.
  std::string_view executor_kind = {};
  // For a row that is one text: what takes the place of its kind and `set` where a command is given, which is a list in
  // a file, and elsewhere a text with a slash. Null: it cannot be one.
  std::shared_ptr<const Setting> as_command = nullptr;

  bool is_list() const {
    return kind == Kind::kPaths || kind == Kind::kTexts || kind == Kind::kCommand || kind == Kind::kAddresses;
  }
  // Between the elements of a list, in a flag or a variable.
  char separator() const { return kind == Kind::kAddresses ? ',' : ':'; }
  bool is_for(std::string_view executor) const { return executor_kind.empty() || executor_kind == executor; }
};

// In the order of --help and --print-config.
const std::vector<Setting<Options>>& settings();
const std::vector<Setting<ExecutorOptions>>& executor_settings();
const std::vector<Setting<FunctionOptions>>& function_settings();

// "max_pending" as "--max-pending" and as "FUTURED_MAX_PENDING".
std::string flag_name(std::string_view name);
std::string variable_name(std::string_view name);

// The executor of that name, added if there is none. Fails for names that would not do in a URL or a log line.
Parsed<ExecutorOptions*> executor_named(Options& options, std::string_view name);
// The same of functions.
Parsed<FunctionOptions*> function_named(Options& options, std::string_view name);
// The row with that name. The failure is "unknown key", with a suggestion if a name is close.
template <class T>
Parsed<const Setting<T>*> find_setting(const std::vector<Setting<T>>& rows, std::string_view name);

// The whole configuration as TOML with comments, fit to be read again.
std::string print_settings(const Options& options);

}  // namespace futured::server
