// Executors: the daemon's executors as the options want them, and what they share.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "futured/registry.h"
#include "server/core/future_table.h"
#include "server/exec/process/io_thread.h"
#include "server/exec/process/process_executor.h"
#include "server/exec/process/spawn_launcher.h"
#include "server/exec/thread_executor.h"
#include "server/log.h"
#include "server/options.h"

namespace futured::server {

// Made, started and stopped by one thread.
class Executors {
 public:
  // All outlive it.
  Executors(const Options& options, const Registry& registry, Logger& logger);
  ~Executors();

  // Enters all into the table. The failure names what this machine cannot give.
  tl::expected<void, std::string> start(core::FutureTable& table, const core::Clock& clock);
  // Stands in for an executor that is not configured, if that is so: its futures stay pending until it is again.
  void add_absent(const std::string& name, core::FutureTable& table);
  // Kills all worker processes and programs. Does not wait for their end.
  void end_processes();
  // Returns when no function runs any more and every worker process is gone.
  void stop();

 private:
  class Absent;

  // What processes need; made when there is an executor that has some.
  struct Processes {
    explicit Processes(std::string helper) : launcher(std::move(helper)) {}
    exec::SpawnLauncher launcher;
    exec::IoThread io;
  };

  tl::expected<void, std::string> check() const;
  void add_threads(const ExecutorOptions& executor);
  tl::expected<void, std::string> add_processes(const ExecutorOptions& executor);
  bool has_own_worker(const ExecutorOptions& executor) const;
  exec::ProcessExecutor::Options process_options(const ExecutorOptions& executor) const;
  void log_task(const core::LeaseEntry* task, std::string_view worker, futured::LogLevel level,
                std::string_view text) const;

  const Options& options_;
  const Registry& registry_;
  Logger& logger_;
  std::unique_ptr<Processes> processes_;
  std::vector<std::unique_ptr<exec::ThreadExecutor>> thread_executors_;
  std::vector<std::unique_ptr<exec::ProcessExecutor>> process_executors_;
  std::vector<std::unique_ptr<Absent>> absent_executors_;
  // Each enters its executor into the table, in the order of the options.
  std::vector<std::function<void(core::FutureTable&, const core::Clock&)>> starts_;
};

}  // namespace futured::server
