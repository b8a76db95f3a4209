// ProgramRuns: the programs that one executor runs at the moment, one process for each task.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/core/executor.h"
#include "server/core/future_table.h"
#include "server/core/mutex.h"
#include "server/exec/process/program.h"
#include "server/exec/process/program_run.h"

namespace futured::exec {

// Everything happens on the io thread, but for finds() and snapshot().
class ProgramRuns {
 public:
  struct Options {
    std::string executor;
    std::vector<std::shared_ptr<const Program>> programs;
    Sandbox sandbox;
    core::Duration kill_grace = std::chrono::seconds(5);
    core::Duration stop_timeout = std::chrono::seconds(10);
    // Bytes.
    std::uint64_t max_value_size = 0;
  };
  // The task has ended; the lease is to be exchanged.
  using Done = std::function<void(std::shared_ptr<core::Lease>)>;

  // All that is not copied outlives it.
  ProgramRuns(Options options, boost::asio::io_context& io, Launcher& launcher, core::FutureTable& table,
              const core::Clock& clock, Done done);

  bool finds(const std::string& function) const { return programs_.contains(function); }
  // Runs the one task of a lease. False: it was taken back. REQUIRES: finds() its function.
  bool start(std::shared_ptr<core::Lease> lease);
  // False: it runs no task of that lease.
  bool request_stop(const core::Lease& lease, core::StopRequest request);
  void end_all(bool kill);
  // Kills those that have been stopped by a signal for too long. Once a second.
  void check_stopped();
  bool empty() const FUTURED_EXCLUDES(mu_);
  std::vector<core::WorkerSnapshot> snapshot() const FUTURED_EXCLUDES(mu_);

 private:
  struct Run {
    std::shared_ptr<core::Lease> lease;
    std::shared_ptr<ProgramRun> program;
    core::WorkerSnapshot snapshot;
    std::optional<core::Time> stopped_since;
  };

  // Keeps lines with the task of a lease.
  OutputLines::Sink log_of(const std::shared_ptr<core::Lease>& lease) const;
  void ended(std::uint64_t number, core::Outcome outcome);
  std::map<std::uint64_t, Run> runs() const FUTURED_EXCLUDES(mu_);

  const Options options_;
  std::map<std::string, std::shared_ptr<const Program>> programs_;
  boost::asio::io_context& io_;
  Launcher& launcher_;
  core::FutureTable& table_;
  const core::Clock& clock_;
  const Done done_;
  std::uint64_t last_number_ = 0;

  mutable core::Mutex mu_;
  // By number. Changed on the io thread only.
  std::map<std::uint64_t, Run> runs_ FUTURED_GUARDED_BY(mu_);
};

}  // namespace futured::exec
