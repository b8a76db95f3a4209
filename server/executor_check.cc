#include "server/executor_check.h"

#include <algorithm>
#include <filesystem>
#include <thread>
#include <utility>

#include "server/exec/process/environment.h"
#include "server/helper_path.h"
#include "server/settings.h"
#include "server/suggestion.h"

namespace futured::server {
namespace {

using Outcome = tl::expected<void, std::string>;

constexpr const char* kProcess = "process";
constexpr const char* kOwnWorker = "futured-worker";

class Completion {
 public:
  Completion(Options& options, const Origins& origins, const Surroundings& surroundings)
      : options_(options), origins_(origins), surroundings_(surroundings) {}

  Outcome executor(ExecutorOptions& executor) {
    const std::string path = "executors." + executor.name + ".";
    if (executor.max_workers == 0) executor.max_workers = default_max_workers(executor.kind);
    Outcome checked = check_keys(executor, path);
    if (!checked || executor.kind != kProcess) return checked;
    return check_limits(executor, path)
        .and_then([&] { return find_worker(executor, path); })
        .and_then([&] { return find_program(executor.initializer_program, path + "initializer"); })
        .and_then([&] { return find_directory(executor, path); })
        .and_then([&] { return resolve_environment(executor, path); });
  }

  Outcome function(FunctionOptions& function) {
    const std::string path = "functions." + function.name + ".";
    const ExecutorOptions* executor = find_executor(function.executor);
    if (executor == nullptr) return complaint(path + "executor", no_executor(function.executor));
    if (executor->kind != kProcess) {
      return complaint(path + "executor", "\"" + executor->name + "\" is of kind \"" + executor->kind +
                                              "\"; programs need one of kind \"process\"");
    }
    auto program = exec::Program::compile(program_options(function, *executor), surroundings_.getenv);
    // It begins with the key.
    if (!program) return tl::unexpected(origin_of(path, program.error().message));
    function.program = std::make_shared<const exec::Program>(*std::move(program));
    return {};
  }

 private:
  Outcome complaint(const std::string& path, const std::string& what) const {
    return tl::unexpected(origins_.of(path) + ": " + what);
  }
  std::string origin_of(const std::string& path, const std::string& message) const {
    const std::size_t key_end = message.find(':');
    return origins_.of(path + message.substr(0, key_end)) + message.substr(key_end);
  }

  Outcome check_keys(const ExecutorOptions& executor, const std::string& path) const {
    for (const auto& row : executor_settings()) {
      const std::string key = path + std::string(row.name);
      if (row.is_for(executor.kind) || !origins_.has(key)) continue;
      return complaint(key, "only executors of kind \"" + std::string(row.executor_kind) +
                                "\" have it; this one is of kind \"" + executor.kind + "\"");
    }
    return {};
  }

  Outcome check_limits(const ExecutorOptions& executor, const std::string& path) const {
    if (executor.sandbox.profile != exec::SandboxProfile::kNone) return {};
    for (const char* key : {"max_memory", "max_cpu_time", "max_processes", "max_file_size", "max_open_files"}) {
      if (!origins_.has(path + key)) continue;
      return complaint(path + key, "needs sandbox = \"basic\" or \"strict\"; \"none\" has no limits");
    }
    return {};
  }

  Outcome find_worker(ExecutorOptions& executor, const std::string& path) const {
    if (executor.worker.empty()) executor.worker = {helper_path(options_.program_directory, kOwnWorker)};
    return find_program(executor.worker, path + "worker");
  }

  // Makes the first of a command an absolute path, unless there is no command.
  Outcome find_program(std::vector<std::string>& command, const std::string& key) const {
    if (command.empty()) return {};
    auto found = exec::find_program(command.front(), surroundings_.getenv);
    if (!found) return complaint(key, found.error());
    command.front() = *std::move(found);
    return {};
  }

  Outcome find_directory(ExecutorOptions& executor, const std::string& path) const {
    std::error_code error;
    if (!executor.directory.empty()) executor.directory = std::filesystem::absolute(executor.directory);
    if (executor.directory.empty() || std::filesystem::is_directory(executor.directory, error)) return {};
    return complaint(path + "directory", "no directory " + executor.directory);
  }

  Outcome resolve_environment(ExecutorOptions& executor, const std::string& path) const {
    auto resolved = exec::resolve_environment(executor.environment, surroundings_.getenv);
    if (!resolved) return complaint(path + "environment", resolved.error());
    executor.worker_environment = *std::move(resolved);
    return {};
  }

  const ExecutorOptions* find_executor(const std::string& name) const {
    for (const ExecutorOptions& executor : options_.executors) {
      if (executor.name == name) return &executor;
    }
    return nullptr;
  }

  std::string no_executor(const std::string& name) const {
    if (name.empty()) return "must name an executor of kind \"process\"";
    std::vector<std::string> names;
    for (const ExecutorOptions& executor : options_.executors) names.push_back(executor.name);
    return "no executor \"" + name + "\"" + did_you_mean(name, names);
  }

  exec::ProgramOptions program_options(const FunctionOptions& function, const ExecutorOptions& executor) const {
    return {.function = function.name,
            .command = function.command,
            .standard_input = function.standard_input,
            .output = function.output,
            .max_output = function.max_output.value_or(options_.max_value_size),
            .timeout = function.timeout,
            .environment = function.environment.value_or(executor.environment),
            .directory = function.directory.value_or(executor.directory)};
  }

  Options& options_;
  const Origins& origins_;
  const Surroundings& surroundings_;
};

}  // namespace

unsigned default_max_workers(std::string_view kind) {
  const unsigned processors = std::max(1U, std::thread::hardware_concurrency());
  return kind == kProcess ? processors : std::min(32U, processors + 4U);
}

tl::expected<void, std::string> complete_executors(Options& options, const Origins& origins,
                                                   const Surroundings& surroundings) {
  Completion completion(options, origins, surroundings);
  for (ExecutorOptions& executor : options.executors) {
    Outcome completed = completion.executor(executor);
    if (!completed) return completed;
  }
  for (FunctionOptions& function : options.functions) {
    Outcome completed = completion.function(function);
    if (!completed) return completed;
  }
  return {};
}

}  // namespace futured::server
