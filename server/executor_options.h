// What can be set about executors, and about functions that are programs.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/core/clock.h"
#include "server/exec/process/program.h"
#include "server/exec/process/sandbox.h"

namespace futured::server {

// Threads: min(32, processors + 4): functions that wait for something else fill the processors, and a big machine is
// not flooded. Processes: one for each processor.
unsigned default_max_workers(std::string_view kind);

struct ExecutorOptions {
  // As in [executors.NAME].
  std::string name = {};
  // Where functions run: "thread" is in the daemon, "process" in processes of their own.
  std::string kind = "thread";
  // Plain functions that run at once. 0: default_max_workers(); never after read_options().
  std::uint64_t max_workers = 0;

  // Of kind "thread" only.
  // Coroutines that are under way at once.
  std::uint64_t max_coroutines = 10'000;

  // All others are of kind "process" only.
  // The command of a worker; the first is an absolute path after read_options(). Empty: futured-worker.
  std::vector<std::string> worker = {};
  // A function that each worker runs before anything else. Empty: none.
  std::string initializer = {};
  // Or a program and its arguments; the first is an absolute path after read_options(). At most one of the two is set.
  std::vector<std::string> initializer_program = {};
  // After so many tasks a worker is replaced. 0: never.
  std::uint64_t max_tasks_per_child = 0;
  // From the start of a worker until it is ready.
  core::Duration start_timeout = std::chrono::seconds(30);
  // From SIGTERM to SIGKILL, where a cancel does not say.
  core::Duration kill_grace = std::chrono::seconds(5);
  // How long a worker may be stopped by a signal before it is killed.
  core::Duration stop_timeout = std::chrono::seconds(10);
  exec::Sandbox sandbox = {};
  // Variables: "NAME" is the daemon's, "NAME=value" is set.
  std::vector<std::string> environment = exec::default_environment();
  // What they amount to, "NAME=value"; made by read_options().
  std::vector<std::string> worker_environment = {};
  // Working directory, an absolute path after read_options(); empty: the daemon's.
  std::string directory = {};
};

// A function that is a program: exec/process/program.h.
struct FunctionOptions {
  // As in [functions."NAME"].
  std::string name = {};
  // The one that runs it; of kind "process".
  std::string executor = {};
  std::vector<std::string> command = {};
  std::optional<std::string> standard_input = {};
  exec::ProgramOutput output = exec::ProgramOutput::kBytes;
  std::optional<core::Duration> timeout = {};
  // Unset: as large as a value may be.
  std::optional<std::uint64_t> max_output = {};
  // Unset: the executor's.
  std::optional<std::vector<std::string>> environment = {};
  std::optional<std::string> directory = {};
  // Made of all that by read_options().
  std::shared_ptr<const exec::Program> program = {};
};

}  // namespace futured::server
