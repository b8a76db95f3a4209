// ProgramRun: one call of a program: its process, what goes in and what comes out, its end.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "server/core/bytes.h"
#include "server/core/executor.h"
#include "server/core/outcome.h"
#include "server/exec/invoke.h"
#include "server/exec/process/launcher.h"
#include "server/exec/process/output_lines.h"
#include "server/exec/process/program.h"

namespace futured::exec {

// Everything happens on the io thread. It keeps itself alive from start() until it is done.
//
// How it ends:
//   exit code 0                 success: its standard output, as the program's options say
//   the same, it is not that    origin task, "futured::ResultError"
//   any other                   origin task, "ProgramFailed", with the last lines of its standard error
//   killed by a signal          origin worker, "WorkerLost"
//   it wrote too much           origin limit, "OutputTooLarge"; it is killed at once
//   it took too long            origin timeout, "TimeoutError"
//   a cancel had been asked     cancelled, however it ended: who is stopped half way has no result
//   wrong arguments             origin call; there was no process
//   it cannot be started        origin executor, "LaunchError", also when the sandbox's helper says so
//
// Its end is the end of its first process: what that leaves behind is killed, and what has been written until then
// counts.
class ProgramRun : public std::enable_shared_from_this<ProgramRun> {
 public:
  // What is the same for all calls of a function.
  struct Settings {
    std::shared_ptr<const Program> program;
    Sandbox sandbox;
    // From SIGTERM to SIGKILL when its time is over.
    core::Duration kill_grace = std::chrono::seconds(5);
    // Of a serialized value, bytes.
    std::uint64_t max_value_size = std::uint64_t{4} << 20;
  };
  // One call.
  struct Task {
    // Serialized futured.v1.Arguments.
    core::Bytes arguments = {};
    std::uint32_t attempt = 1;
    std::string worker = {};
    // The task has a timeout of its own, which the table watches: the function's does not count.
    bool has_timeout = false;
    // Takes what it writes to its standard error, from the io thread. May be empty.
    OutputLines::Sink errors = {};
    // What it is told of its trace, in its environment.
    std::optional<core::TraceContext> trace = {};
  };
  // Called once, never from within start() or stop(). The process is gone.
  using Done = std::function<void(core::Outcome)>;

  // The context, which one thread runs, and the launcher must outlive it. SIGPIPE must be ignored in the process.
  ProgramRun(boost::asio::io_context& io, Launcher& launcher, Settings settings, Task task, Done done);
  ~ProgramRun();
  ProgramRun(const ProgramRun&) = delete;
  ProgramRun& operator=(const ProgramRun&) = delete;

  // Once. REQUIRES: it is held by a shared_ptr.
  void start();
  // Sends SIGTERM. For a cancel that is all; a forced one is followed by SIGKILL after the request's grace, the end of
  // its time after kill_grace. Without effect when it is done.
  void stop(core::StopRequest request);
  // Ends the process without having been asked by its caller: SIGTERM, or SIGKILL.
  void end(bool kill);

  // -1: there is no process.
  pid_t pid() const { return child_.pid; }
  // Whether it is stopped by a signal at this moment.
  bool is_stopped() { return child_.pid >= 0 && launcher_.is_stopped(child_); }

 private:
  using Pipe = boost::asio::posix::stream_descriptor;

  core::Result<void> launch();
  std::vector<std::string> environment() const;
  void write_input();
  void read_output();
  void read_errors();
  void await_exit();
  void exited();
  void take_output(std::string_view bytes);
  void take_errors(std::string_view bytes);
  void signal(int number);
  void kill_after(core::Duration grace);

  core::Outcome outcome(const ExitStatus& status) const;
  // The helper ended in the program's place.
  bool was_not_begun(const ExitStatus& status) const;
  core::Outcome failure(core::Origin origin, const char* type, const std::string& problem) const;
  std::string last_lines() const;
  Attempt attempt() const { return {task_.attempt, task_.worker, settings_.max_value_size}; }
  void finish_later(core::Outcome outcome);

  boost::asio::io_context& io_;
  Launcher& launcher_;
  const Settings settings_;
  const Task task_;
  Done done_;

  Program::Call call_;
  Child child_;
  // The child's, which owns it.
  Pipe pidfd_;
  Pipe input_pipe_;
  Pipe output_pipe_;
  Pipe error_pipe_;
  boost::asio::steady_timer timeout_timer_;
  boost::asio::steady_timer kill_timer_;
  bool kill_is_due_ = false;

  std::string output_;
  // The last of them.
  std::string errors_;
  bool errors_cut_ = false;
  std::optional<OutputLines> error_lines_;
  bool output_too_large_ = false;
  bool cancelled_ = false;
  bool timed_out_ = false;
};

}  // namespace futured::exec
