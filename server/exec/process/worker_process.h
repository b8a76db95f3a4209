// WorkerProcess: one child process that runs tasks: its start, its conversation, its end.
//
//   kStarting ── ready ──► kIdle ◄── all results ── kBusy
//       │                    │ └──── run() ──────────►│
//       └────────────────────┴─── drain, kill, death ─┴──► kEnding ──► gone, when the process is
//
// Everything happens on the io thread, but for snapshot().
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "futured/context.h"
#include "server/core/executor.h"
#include "server/core/future_table.h"
#include "server/exec/line_limit.h"
#include "server/exec/process/batch.h"
#include "server/exec/process/frame.h"
#include "server/exec/process/launcher.h"
#include "server/exec/process/ledger.h"
#include "server/exec/process/stop_requests.h"

namespace futured::exec {

class WorkerProcess : public std::enable_shared_from_this<WorkerProcess> {
 public:
  // What is the same for all workers of an executor.
  struct Settings {
    std::string executor;
    Launch launch;
    // A function, or a program by absolute path with its arguments, that each worker runs before it is ready.
    std::string initializer;
    std::vector<std::string> initializer_program;
    std::vector<std::string> plugins;
    // Bytes.
    std::uint64_t max_value_size = 0;
    std::uint64_t max_frame_size = 0;
    // From the start of the process until it is ready.
    core::Duration start_timeout = std::chrono::seconds(30);
    // From a request to stop until SIGKILL, where the request does not say.
    core::Duration kill_grace = std::chrono::seconds(5);
    // How long it may be stopped by a signal, or not begin its next task, before it is killed.
    core::Duration stop_timeout = std::chrono::seconds(10);

    // What a worker reads beside its own program.
    std::vector<std::string> files() const {
      std::vector<std::string> all = plugins;
      if (!initializer_program.empty()) all.push_back(initializer_program.front());
      return all;
    }
  };
  using LogSink =
      std::function<void(const core::LeaseEntry* task, std::string_view worker, LogLevel level, std::string_view text)>;
  // What it needs; all outlive it.
  struct Surroundings {
    boost::asio::io_context& io;
    core::FutureTable& table;
    const core::Clock& clock;
    Launcher& launcher;
    const Settings& settings;
    const LogSink& log;
  };
  // How it ended.
  struct Death {
    // As in "was killed by signal 9 (SIGKILL)"; empty when it ended as it should.
    std::string why;
    // It said itself that it cannot work.
    bool unfit = false;
  };
  // Who is told. Each call comes from the io thread, never from within a call of the worker's methods.
  class Pool {
   public:
    virtual ~Pool() = default;
    virtual void worker_ready(WorkerProcess& worker) = 0;
    // Every task of the lease has its result. release() it.
    virtual void worker_done(WorkerProcess& worker) = 0;
    // The process is gone, its lease given back.
    virtual void worker_gone(WorkerProcess& worker, const Death& death) = 0;
  };

  WorkerProcess(const Surroundings& surroundings, Pool& pool, std::string name);

  core::Result<void> start();
  // REQUIRES: idle.
  void run(std::shared_ptr<core::Lease> lease);
  // REQUIRES: worker_done() came.
  std::shared_ptr<core::Lease> release();
  // Whether it runs that lease.
  bool holds(const core::Lease& lease) const { return batch_.lease().get() == &lease; }
  // REQUIRES: holds().
  void request_stop(std::size_t entry, core::StopRequest request);
  // No more tasks: it ends by itself, or is killed after the grace.
  void drain();
  // Ends it by SIGTERM, and SIGKILL after the grace; or by SIGKILL.
  void terminate();
  void kill();
  // Looks whether it is stopped by a signal, or does not go on with its tasks. Once a second.
  void check_stopped();

  const std::string& name() const { return name_; }
  core::WorkerSnapshot::State state() const { return state_.load(std::memory_order_relaxed); }
  // Those that it was given, and those of them that it has begun, as far as their results were heard.
  std::uint64_t tasks() const { return tasks_.load(std::memory_order_relaxed); }
  std::uint64_t tasks_begun() const { return batch_.begun(); }
  bool was_ready() const { return was_ready_; }
  bool uses_ledger() const { return uses_ledger_; }
  core::WorkerSnapshot snapshot() const {
    return {name_, pid_.load(std::memory_order_relaxed), state(), tasks(), started_at_};
  }

 private:
  using State = core::WorkerSnapshot::State;

  void say_hello();
  void send(const worker::v1::ToWorker& message);
  void write();
  void read_when_readable();
  // Reads once what is there. False: there will be nothing more.
  bool read();
  void socket_closed();
  void hear(std::string_view frame);
  void hear_ready(const worker::v1::WorkerReady& ready);
  void hear_log(const worker::v1::WorkerLog& log);
  void send_next_piece();
  void wait_for_end();
  void ended();
  std::string fate_of(const ExitStatus& status) const;
  void recover_results();
  // What happened to a task that it had begun.
  core::Outcome lost(std::size_t entry, const std::string& fate) const;
  // Kills it. `why` follows its name: "closed its socket".
  void break_off(std::string why);
  void break_protocol(const std::string& how);
  void kill_after(core::Duration grace);
  void watch_stops();
  void stops_due();

  const Surroundings surroundings_;
  Pool& pool_;
  const std::string name_;
  std::atomic<State> state_{State::kStarting};
  std::atomic<std::uint64_t> tasks_{0};
  // Of the child that was launched; once it is ready, of the worker itself.
  std::atomic<pid_t> pid_{0};
  // Constant once it was started.
  core::Time started_at_;

  Child child_;
  // Set by start().
  std::optional<Ledger> ledger_;
  core::Claim single_claim_;
  bool uses_ledger_ = false;
  Batch batch_;
  boost::asio::posix::stream_descriptor socket_;
  boost::asio::posix::stream_descriptor pidfd_;
  boost::asio::steady_timer kill_timer_;
  boost::asio::steady_timer stop_timer_;
  // Of the daemon's log, and of that of the task which has said something last.
  LineLimit log_limit_;
  LineLimit task_limit_;
  std::pair<std::uint64_t, std::uint32_t> logged_task_;
  FrameReader reader_;
  std::string output_;
  bool writing_ = false;
  // Reused, for their memory.
  worker::v1::ToWorker out_;
  worker::v1::FromWorker in_;

  // Why it is to go; empty for no fault of its own.
  std::string failure_;
  bool broke_protocol_ = false;
  bool unfit_ = false;
  bool told_to_end_ = false;
  bool was_ready_ = false;
  // When it is killed at the latest, once it was told to end.
  std::optional<core::Time> kill_due_;
  StopRequests stops_;
  std::optional<core::Time> stopped_since_;
};

}  // namespace futured::exec
