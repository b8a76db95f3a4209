// ProcessExecutor: runs functions in worker processes, which can crash, be limited and be killed alone.
//
// Workers start when there is work for them, up to `max_workers`, and stay for the next task. A worker that dies fails
// the tasks that it had begun; what it had not begun goes back to the queue, and another worker takes its place. A pool
// whose workers die before they have begun a task waits longer and longer between two tries; from the third on, or when
// the initializer fails, tasks fail at once with what is wrong, unless other workers are well, until one gets ready.
//
// Programs need no worker, and begin when they are next in the queue and a slot is free. The queue has one order, that
// of submission: behind a function that waits for a worker to start, programs wait too, until that is ready or has
// failed, even if slots are free. Where workers are slow to start, give programs an executor of their own.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/core/executor.h"
#include "server/core/future_table.h"
#include "server/core/mutex.h"
#include "server/exec/process/program_runs.h"
#include "server/exec/process/worker_process.h"

namespace futured::exec {

class ProcessExecutor final : public core::Executor, private WorkerProcess::Pool {
 public:
  struct Options {
    unsigned max_workers = 1;
    // After so many tasks a worker is replaced. 0: never.
    std::uint64_t max_tasks_per_child = 0;
    // Its name is the executor's.
    WorkerProcess::Settings worker;
    // Functions that are programs.
    std::vector<std::shared_ptr<const Program>> programs;
    // May be empty. Called on the io thread; must not throw.
    WorkerProcess::LogSink log;
  };

  // `functions` are those that its workers run, beside the programs, for description. The io context and the launcher
  // must outlive it.
  ProcessExecutor(Options options, std::vector<core::FunctionDescription> functions, boost::asio::io_context& io,
                  Launcher& launcher);
  // REQUIRES: as for a ThreadExecutor; not on the io thread.
  ~ProcessExecutor() override;

  // Enters itself into the table. Once, before anything else. The table must outlive stop().
  core::ExecutorIndex start(core::FutureTable& table, const core::Clock& clock);
  // Ends all workers, and returns when their processes are gone: idle ones at once, busy ones when their tasks end.
  // REQUIRES: nothing is pending. May be repeated; not on the io thread.
  void stop();

  const core::ExecutorDescription& describe() const override { return description_; }
  void wake(unsigned workers) override;
  void request_stop(std::shared_ptr<core::Lease> lease, std::size_t entry, core::StopRequest request) override;
  std::vector<core::WorkerSnapshot> workers() const override FUTURED_EXCLUDES(mu_);
  core::WorkerCounts worker_counts() const override { return {workers_started_, workers_lost_}; }
  bool end_workers(bool kill) override;

 private:
  void worker_ready(WorkerProcess& worker) override;
  void worker_done(WorkerProcess& worker) override;
  void worker_gone(WorkerProcess& worker, const WorkerProcess::Death& death) override;

  // Brings workers to the table for the wakes that wait.
  void serve_wakes();
  void start_workers();
  bool start_worker();
  // A worker was of no use. Hopeless: so will be the next.
  void start_failed(const std::string& why, bool hopeless);
  // Ends what is pending with the reason why no worker can be had.
  void fail_pending();
  // Takes one from the idle; null when there is none.
  WorkerProcess* take_idle();
  void give(WorkerProcess& worker, std::shared_ptr<core::Lease> lease);
  // For a lease without a worker.
  void serve(std::shared_ptr<core::Lease> lease);
  bool is_program(const core::Lease& lease) const;
  void stopped_if_empty();
  std::size_t tasks_left(const WorkerProcess& worker) const;
  std::size_t count(core::WorkerSnapshot::State state) const;
  void watch_stopped();
  std::vector<std::shared_ptr<WorkerProcess>> all_workers() const FUTURED_EXCLUDES(mu_);

  const Options options_;
  core::ExecutorDescription description_;
  boost::asio::io_context& io_;
  Launcher& launcher_;
  // Set by start().
  std::optional<WorkerProcess::Surroundings> surroundings_;
  std::optional<ProgramRuns> programs_;
  core::ExecutorIndex index_ = 0;

  // On the io thread only.
  unsigned wakes_ = 0;
  unsigned workers_named_ = 0;
  // Ready and without work; the last one that worked comes first.
  std::vector<WorkerProcess*> idle_;
  unsigned starts_failed_ = 0;
  // Why tasks cannot be run at the moment; empty: they can.
  std::string broken_;
  bool waits_to_start_ = false;
  boost::asio::steady_timer start_timer_;
  boost::asio::steady_timer stopped_timer_;
  bool stopping_ = false;
  std::promise<void> stopped_;

  std::atomic<std::uint64_t> workers_started_{0};
  std::atomic<std::uint64_t> workers_lost_{0};

  mutable core::Mutex mu_;
  // Changed on the io thread only.
  std::vector<std::shared_ptr<WorkerProcess>> workers_ FUTURED_GUARDED_BY(mu_);
  bool stop_asked_ FUTURED_GUARDED_BY(mu_) = false;
};

}  // namespace futured::exec
