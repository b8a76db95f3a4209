#include <string>
#include <string_view>

#include "futured/task.h"
#include "server/setting_rows.h"
#include "server/settings.h"

namespace futured::server {
namespace {

using E = ExecutorOptions;
using F = FunctionOptions;

constexpr std::string_view kThread = "thread";
constexpr std::string_view kProcess = "process";

Setting<E> only_for(std::string_view kind, Setting<E> row) {
  row.executor_kind = kind;
  return row;
}

Setting<E> kind_row() {
  const auto parse = [](const std::string& given) -> Parsed<std::string> {
    if (given == kThread || given == kProcess) return given;
    return tl::unexpected("must be \"thread\" or \"process\", got " + quote(given));
  };
  return value<E>(
      "kind", "thread|process", [](auto& e) -> auto& { return e.kind; }, parse, quote,
      "Where functions run: \"thread\" is a thread of the daemon, \"process\" a process that may crash and be killed");
}

// The function, or the program; the last one given counts.
Setting<E> initializer_row() {
  constexpr const char* kName = "initializer";
  constexpr const char* kHelp =
      "What each worker runs before its first task: a function \"NAME\" or a program [\"PATH\", \"ARGUMENT\"…]; empty: "
      "none";
  const auto parse = [](const std::string& given) -> Parsed<std::string> {
    if (given.empty() || is_function_name(given)) return given;
    return tl::unexpected(quote(given) + " is no name of a function: 1 to 128 characters of [A-Za-z0-9_.-]; a " +
                          "program is a list, as in [" + quote("/usr/bin/warm-up") + "]");
  };
  const auto get_function = [](auto& e) -> auto& { return e.initializer; };
  const auto get_program = [](auto& e) -> auto& { return e.initializer_program; };
  Setting<E> function = value<E>(kName, "FUNCTION|COMMAND", get_function, parse, quote, kHelp);
  Setting<E> program = list<E>(kName, "COMMAND", Setting<E>::Kind::kCommand, get_program, kHelp);
  function.set = [=, set = function.set](E& executor, std::span<const std::string> texts) {
    get_program(executor).clear();
    return set(executor, texts);
  };
  program.set = [=, set = program.set](E& executor, std::span<const std::string> texts) {
    get_function(executor).clear();
    return set(executor, texts);
  };
  function.show = [=, show = function.show, show_program = program.show](const E& executor) {
    return get_program(executor).empty() ? show(executor) : show_program(executor);
  };
  function.as_command = std::make_shared<const Setting<E>>(std::move(program));
  return function;
}

// Processor time is limited in whole seconds.
Setting<E> cpu_time_row() {
  const auto get = [](auto& e) -> auto& { return e.sandbox.limits.max_cpu_seconds; };
  const auto parse = [](const std::string& given) -> Parsed<std::uint64_t> {
    const auto time = parse_duration(given);
    if (!time) return tl::unexpected(time.error());
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*time);
    if (seconds.count() >= 1 && seconds == *time) return static_cast<std::uint64_t>(seconds.count());
    return tl::unexpected("must be whole seconds, at least 1s, got " + given);
  };
  const auto print = [](std::uint64_t seconds) {
    return quote(print_duration(std::chrono::seconds(static_cast<std::int64_t>(seconds))));
  };
  return unless_zero(value<E>("max_cpu_time", "DURATION", get, parse, print, "Processor time of one task"), get);
}

std::vector<Setting<E>> limit_rows() {
  const auto memory = [](auto& e) -> auto& { return e.sandbox.limits.max_memory; };
  const auto processes = [](auto& e) -> auto& { return e.sandbox.limits.max_processes; };
  const auto file_size = [](auto& e) -> auto& { return e.sandbox.limits.max_file_size; };
  const auto open_files = [](auto& e) -> auto& { return e.sandbox.limits.max_open_files; };
  constexpr std::uint64_t kLeastMemory = std::uint64_t{1} << 20;
  constexpr std::uint64_t kMostCount = 1'000'000;
  return {unless_zero(size<E>("max_memory", memory, kLeastMemory, kNoLimit, "Address space of one process"), memory),
          cpu_time_row(),
          unless_zero(count<E>("max_processes", processes, 1, kMostCount,
                               "Processes and threads of the user that the workers run as"),
                      processes),
          unless_zero(size<E>("max_file_size", file_size, 1, kNoLimit, "A file that a process writes"), file_size),
          unless_zero(count<E>("max_open_files", open_files, 8, kMostCount, "Open descriptors of one process"),
                      open_files)};
}

std::vector<Setting<E>> process_rows() {
  static constexpr std::string_view kProfiles[] = {"none", "basic", "strict"};
  const auto per_child = [](auto& e) -> auto& { return e.max_tasks_per_child; };
  std::vector<Setting<E>> rows = {
      list<E>(
          "worker", "COMMAND", Setting<E>::Kind::kCommand, [](auto& e) -> auto& { return e.worker; },
          "The program that workers run, and its arguments; futured-worker unless you bring your own"),
      initializer_row(),
      unless_zero(count<E>("max_tasks_per_child", per_child, 1, kNoLimit, "After so many tasks a worker is replaced"),
                  per_child),
      duration<E>(
          "start_timeout", std::chrono::seconds(1), [](auto& e) -> auto& { return e.start_timeout; },
          "How long a worker may take to get ready, with its initializer"),
      duration<E>(
          "kill_grace", core::Duration(0), [](auto& e) -> auto& { return e.kill_grace; },
          "How long after a request to stop a process is killed, unless the request says otherwise"),
      // Looked at once a second.
      duration<E>(
          "stop_timeout", std::chrono::seconds(1), [](auto& e) -> auto& { return e.stop_timeout; },
          "How long a worker may be stopped (SIGSTOP) before it is killed"),
      choice<E>(
          "sandbox", "none|basic|strict", [](auto& e) -> auto& { return e.sandbox.profile; }, kProfiles,
          "What confines the processes"),
  };
  for (Setting<E>& row : limit_rows()) rows.push_back(std::move(row));
  rows.push_back(list<E>(
      "environment", "NAME|NAME=VALUE", Setting<E>::Kind::kTexts, [](auto& e) -> auto& { return e.environment; },
      "The environment of the processes: NAME is the daemon's variable"));
  rows.push_back(path<E>(
      "directory", [](auto& e) -> auto& { return e.directory; }, "Their working directory; empty: the daemon's"));
  return rows;
}

std::vector<Setting<E>> make_executor_settings() {
  std::vector<Setting<E>> rows = {
      kind_row(),
      count<E>(
          "max_workers", [](auto& e) -> auto& { return e.max_workers; }, 1, 10'000, "Plain functions that run at once"),
      only_for(kThread, count<E>(
                            "max_coroutines", [](auto& e) -> auto& { return e.max_coroutines; }, 1, 10'000'000,
                            "Coroutines that are under way at once")),
  };
  for (Setting<E>& row : process_rows()) rows.push_back(only_for(kProcess, std::move(row)));
  return rows;
}

std::vector<Setting<F>> make_function_settings() {
  static constexpr std::string_view kOutputs[] = {"bytes", "text", "json"};
  using Kind = Setting<F>::Kind;
  return {
      text<F>(
          "executor", "NAME", [](auto& f) -> auto& { return f.executor; },
          "The executor that runs it; of kind \"process\""),
      list<F>(
          "command", "COMMAND", Kind::kCommand, [](auto& f) -> auto& { return f.command; },
          "The program and its arguments, with {parameters}; \"{{\" is a brace"),
      text<F>(
          "stdin", "TEXT", [](auto& f) -> auto& { return f.standard_input; },
          "What it reads, with {parameters}; unset: nothing"),
      choice<F>(
          "output", "bytes|text|json", [](auto& f) -> auto& { return f.output; }, kOutputs,
          "What its standard output is"),
      duration<F>(
          "timeout", [](auto& f) -> auto& { return f.timeout; }, "How long it may run, for tasks that do not say"),
      size<F>(
          "max_output", [](auto& f) -> auto& { return f.max_output; }, 1, kMaxPayload,
          "Its standard output; unset: max_value_size"),
      list<F>(
          "environment", "NAME|NAME=VALUE", Kind::kTexts, [](auto& f) -> auto& { return f.environment; },
          "Its environment; unset: the executor's"),
      path<F>(
          "directory", [](auto& f) -> auto& { return f.directory; }, "Its working directory; unset: the executor's"),
  };
}

}  // namespace

const std::vector<Setting<ExecutorOptions>>& executor_settings() {
  static const std::vector<Setting<ExecutorOptions>> rows = make_executor_settings();
  return rows;
}

const std::vector<Setting<FunctionOptions>>& function_settings() {
  static const std::vector<Setting<FunctionOptions>> rows = make_function_settings();
  return rows;
}

}  // namespace futured::server
