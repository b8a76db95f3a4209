#include "server/options.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>

#include "server/access_check.h"
#include "server/config_file.h"
#include "server/executor_check.h"
#include "server/origins.h"
#include "server/plugin_path.h"
#include "server/settings.h"
#include "server/suggestion.h"

namespace futured::server {
namespace {

using Outcome = tl::expected<void, std::string>;
using Texts = std::vector<std::string>;

constexpr const char* kConfigVariable = "FUTURED_CONFIG";
constexpr const char* kExecutorsVariable = "FUTURED_EXECUTORS";

constexpr const char* kFooter = R"(
Sizes are written like 64KiB, 4MiB or 1GiB, durations like 250ms, 30s, 5m or 1h.
Every option but --config has a key of the same name in the configuration file
and an environment variable: --max-pending, max_pending, FUTURED_MAX_PENDING.
A flag outranks the environment, which outranks the file.

Examples:
  futured
  futured --plugins ./libmy_tasks.so --executor thread.max_workers=8
  futured --listen 127.0.0.1:0 --port-file /tmp/futured.port
  futured --print-config > futured.toml
  FUTURED_LOG_FORMAT=json futured --config futured.toml

Exit codes: 0 drained or asked for help, 1 could not serve or left running tasks
behind, 2 bad usage or configuration.
)";

Texts split(std::string_view text, char separator) {
  Texts parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (end > 0) parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

// "thread.max_workers=8"
Parsed<void> assign_executor(Options& options, Origins& origins, const std::string& origin,
                             std::string_view assignment) {
  const std::size_t equals = assignment.find('=');
  const std::size_t dot = assignment.substr(0, equals).rfind('.');
  if (equals == std::string_view::npos || dot == std::string_view::npos) {
    return tl::unexpected("\"" + std::string(assignment) + "\" is not NAME.KEY=VALUE");
  }
  const Parsed<ExecutorOptions*> executor = executor_named(options, assignment.substr(0, dot));
  if (!executor) return tl::unexpected(executor.error());
  const auto complain = [&](const std::string& what) {
    return std::string(assignment.substr(0, equals)) + ": " + what;
  };
  auto row = find_setting(executor_settings(), assignment.substr(dot + 1, equals - dot - 1));
  if (!row) return tl::unexpected(complain(row.error()));
  const std::string value(assignment.substr(equals + 1));
  if ((*row)->as_command != nullptr && value.find('/') != std::string::npos) row = (*row)->as_command.get();
  const std::string path(assignment.substr(0, equals));
  origins.set("executors." + path, origin + ": " + path);
  return (*row)->set(**executor, {&value, 1}).map_error(complain);
}

// Reads the sources into one Options.
// As the system does it for services, and the XDG base directories for people. Empty: there is none.
std::string default_data_directory(const std::function<const char*(const char*)>& getenv) {
  if (::geteuid() == 0) return "/var/lib/futured";
  const auto is_set = [](const char* value) { return value != nullptr && *value != '\0'; };
  if (const char* state = getenv("XDG_STATE_HOME"); is_set(state)) return std::string(state) + "/futured";
  if (const char* home = getenv("HOME"); is_set(home)) return std::string(home) + "/.local/state/futured";
  return "";
}

class OptionReader {
 public:
  explicit OptionReader(const Surroundings& surroundings) : surroundings_(surroundings) { declare_flags(); }

  tl::expected<CommandLine, std::string> read(int argc, const char* const* argv) {
    CommandLine& result = result_;
    try {
      app_.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
      result.print = app_.help();
      return result;
    } catch (const CLI::ParseError& error) {
      return tl::unexpected(std::string(error.what()));
    }
    if (show_version_) {
      result.print = "futured " FUTURED_VERSION "\n";
      return result;
    }
    const Outcome read = check_unknown()
                             .and_then([&] { return apply_file(); })
                             .and_then([&] { return apply_environment(); })
                             .and_then([&] { return apply_flags(); })
                             .and_then([&] { return complete(); });
    if (!read) return tl::unexpected(read.error());
    if (options_.memory && !result.backup.empty()) {
      return tl::unexpected<std::string>("--backup: what is kept in memory only cannot be copied");
    }
    if (print_config_) result.print = print_settings(options_);
    result.options = std::move(options_);
    return result;
  }

 private:
  // What a setting was given as a flag.
  struct Flag {
    const Setting<Options>* row = nullptr;
    CLI::Option* option = nullptr;
    Texts texts;
  };

  void declare_flags() {
    app_.footer(kFooter);
    app_.allow_extras();
    app_.add_option("--config", config_, "Configuration file (FUTURED_CONFIG)")->type_name("FILE");
    app_.add_option("--executor", executors_, "Set one thing of an executor, for example thread.max_workers=8")
        ->type_name("NAME.KEY=VALUE")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    flags_.resize(settings().size());
    for (std::size_t i = 0; i < flags_.size(); ++i) declare(settings()[i], flags_[i]);
    app_.add_option("--backup", result_.backup,
                    "Copy the database in data_dir into a new file, and exit; a daemon may be using it")
        ->type_name("FILE");
    app_.add_flag("--print-config", print_config_, "Print the whole configuration as TOML, and exit");
    app_.add_flag("--version", show_version_, "Print the version, and exit");
  }

  void declare(const Setting<Options>& row, Flag& flag) {
    flag.row = &row;
    const std::string name = flag_name(row.name);
    const std::string standard = row.show(Options{});
    const std::string help = std::string(row.help) + " [" + (standard.empty() ? "unset" : standard) + "]";
    if (row.kind == Setting<Options>::Kind::kSwitch) {
      flag.option = app_.add_flag(name + "{true}", flag.texts, help);
    } else {
      flag.option = app_.add_option(name, flag.texts, help)->type_name(std::string(row.value))->expected(1);
    }
    flag.option->multi_option_policy(row.is_list() ? CLI::MultiOptionPolicy::TakeAll
                                                   : CLI::MultiOptionPolicy::TakeLast);
  }

  Outcome check_unknown() {
    const Texts extras = app_.remaining();
    if (extras.empty()) return {};
    Texts names;
    for (const CLI::Option* option : app_.get_options()) names.push_back(option->get_name());
    const std::string name = extras.front().substr(0, extras.front().find('='));
    return tl::unexpected(name + ": unknown flag" + did_you_mean(name, names));
  }

  Outcome apply_file() {
    std::string path = config_;
    if (const char* variable = surroundings_.getenv(kConfigVariable); path.empty() && variable != nullptr)
      path = variable;
    return path.empty() ? Outcome{} : read_config_file(path, options_, origins_);
  }

  Outcome apply_environment() {
    for (const Setting<Options>& row : settings()) {
      const std::string name = variable_name(row.name);
      const char* value = surroundings_.getenv(name.c_str());
      if (value == nullptr) continue;
      Outcome applied = apply(row, row.is_list() ? split(value, row.separator()) : Texts{value}, name);
      if (!applied) return applied;
    }
    const char* executors = surroundings_.getenv(kExecutorsVariable);
    return executors == nullptr ? Outcome{} : apply_executors(split(executors, ','), kExecutorsVariable);
  }

  Outcome apply_flags() {
    for (const Flag& flag : flags_) {
      if (flag.option->count() == 0) continue;
      Outcome applied =
          apply(*flag.row, flag.row->is_list() ? all_parts(flag.texts, flag.row->separator()) : flag.texts,
                flag_name(flag.row->name));
      if (!applied) return applied;
    }
    return apply_executors(executors_, "--executor");
  }

  static Texts all_parts(const Texts& texts, char separator) {
    Texts parts;
    for (const std::string& text : texts) {
      for (std::string& part : split(text, separator)) parts.push_back(std::move(part));
    }
    return parts;
  }

  Outcome apply(const Setting<Options>& row, const Texts& texts, const std::string& origin) {
    origins_.set(row.name, origin);
    return row.set(options_, texts).map_error([&](const std::string& what) { return origin + ": " + what; });
  }

  Outcome apply_executors(const Texts& assignments, const std::string& origin) {
    for (const std::string& assignment : assignments) {
      const Parsed<void> assigned = assign_executor(options_, origins_, origin, assignment);
      if (!assigned) return tl::unexpected(origin + ": " + assigned.error());
    }
    return {};
  }

  // What concerns more than one setting.
  Outcome complete() {
    options_.program_directory = surroundings_.program_directory;
    if (options_.executors.empty()) options_.executors.push_back({.name = "thread"});
    if (Outcome checked = check_access(options_, origins_); !checked) return checked;
    if (!options_.identities.empty() && !origins_.has("reflection")) options_.reflection = false;
    if (!options_.memory && options_.data_dir.empty()) {
      options_.data_dir = default_data_directory(surroundings_.getenv);
      if (options_.data_dir.empty()) {
        return tl::unexpected<std::string>(
            "neither XDG_STATE_HOME nor HOME is set: say where futures are to survive, "
            "--data-dir=DIR, or that they need not, --memory");
      }
    }
    return complete_executors(options_, origins_, surroundings_).and_then([&] { return find_plugins(); });
  }

  Outcome find_plugins() {
    std::vector<std::filesystem::path> directories(options_.plugin_path.begin(), options_.plugin_path.end());
    directories.push_back(surroundings_.program_directory / FUTURED_PLUGIN_DIRECTORY);
    for (std::string& plugin : options_.plugins) {
      Parsed<std::string> found = find_plugin(plugin, directories);
      if (!found) return tl::unexpected(origins_.of("plugins") + ": " + found.error());
      plugin = *std::move(found);
    }
    return {};
  }

  const Surroundings& surroundings_;
  Options options_;
  Origins origins_;

  CLI::App app_{"futured runs tasks for other programs: concurrent.futures as a service.", "futured"};
  CommandLine result_;
  std::string config_;
  Texts executors_;
  bool print_config_ = false;
  bool show_version_ = false;
  std::vector<Flag> flags_;
};

}  // namespace

Surroundings real_surroundings() {
  std::error_code error;
  return {[](const char* name) -> const char* { return std::getenv(name); },
          std::filesystem::read_symlink("/proc/self/exe", error).parent_path()};
}

tl::expected<CommandLine, std::string> read_options(int argc, const char* const* argv,
                                                    const Surroundings& surroundings) {
  return OptionReader(surroundings).read(argc, argv);
}

}  // namespace futured::server
