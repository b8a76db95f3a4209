#include "server/exec/process/program_run.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <system_error>
#include <utility>

#include "futured/error_info.h"
#include "server/core/duration_text.h"

namespace futured::exec {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t kReadSize = std::size_t{64} << 10;
// How the helper begins what it says when it cannot start the program.
constexpr std::string_view kHelper = "futured-sandbox: ";
constexpr std::size_t kErrorsKept = std::size_t{4} << 10;

struct PipeEnds {
  UniqueFd read;
  UniqueFd write;
};

core::Result<PipeEnds> open_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) == 0) return PipeEnds{UniqueFd(ends[0]), UniqueFd(ends[1])};
  return core::failure(core::Reason::kLaunchFailed, "no pipe: " + std::generic_category().message(errno));
}

// The daemon's end.
void assign(asio::posix::stream_descriptor& pipe, UniqueFd& end) {
  pipe.assign(end.release());
  pipe.native_non_blocking(true);
}

void close(asio::posix::stream_descriptor& pipe) {
  error_code ignored;
  pipe.close(ignored);
}

// Reads once and hands over what was there. Closes the pipe at its end.
template <class Take>
std::size_t read_once(asio::posix::stream_descriptor& pipe, Take take) {
  std::array<char, kReadSize> buffer;
  const ssize_t size = ::read(pipe.native_handle(), buffer.data(), buffer.size());
  if (size > 0) {
    take(std::string_view(buffer.data(), static_cast<std::size_t>(size)));
    return static_cast<std::size_t>(size);
  }
  if (size == 0 || (errno != EAGAIN && errno != EINTR)) close(pipe);
  return 0;
}

// Reads what is there at this moment, and no more: somebody may write for ever.
template <class Take>
void drain(asio::posix::stream_descriptor& pipe, Take take) {
  int there = 0;
  if (pipe.is_open() && ::ioctl(pipe.native_handle(), FIONREAD, &there) != 0) there = 0;
  for (auto left = static_cast<std::size_t>(there); left > 0 && pipe.is_open();) {
    const std::size_t size = read_once(pipe, take);
    if (size == 0) break;
    left -= std::min(left, size);
  }
  close(pipe);
}

}  // namespace

ProgramRun::ProgramRun(asio::io_context& io, Launcher& launcher, Settings settings, Task task, Done done)
    : io_(io),
      launcher_(launcher),
      settings_(std::move(settings)),
      task_(std::move(task)),
      done_(std::move(done)),
      pidfd_(io),
      input_pipe_(io),
      output_pipe_(io),
      error_pipe_(io),
      timeout_timer_(io),
      kill_timer_(io) {
  if (task_.errors.line) error_lines_.emplace(task_.errors);
}

ProgramRun::~ProgramRun() {
  if (pidfd_.is_open()) pidfd_.release();
}

void ProgramRun::start() {
  try {
    call_ = settings_.program->call(task_.arguments.view());
  } catch (...) {
    finish_later(threw(std::current_exception(), false, attempt()));
    return;
  }
  if (const auto launched = launch(); !launched) {
    finish_later(failure(core::Origin::kExecutor, "LaunchError", "cannot be started: " + launched.error().message));
    return;
  }
  pidfd_.assign(child_.pidfd.get());
  write_input();
  read_output();
  read_errors();
  await_exit();
  const auto& timeout = settings_.program->options().timeout;
  if (task_.has_timeout || !timeout) return;
  timeout_timer_.expires_after(*timeout);
  timeout_timer_.async_wait([self = shared_from_this()](const error_code& error) {
    if (!error) self->stop({core::StopRequest::Reason::kTimeout});
  });
}

core::Result<void> ProgramRun::launch() {
  const Program& program = *settings_.program;
  core::Result<PipeEnds> input = program.has_input() ? open_pipe() : PipeEnds{};
  if (!input) return tl::unexpected(input.error());
  core::Result<PipeEnds> output = open_pipe();
  if (!output) return tl::unexpected(output.error());
  core::Result<PipeEnds> errors = open_pipe();
  if (!errors) return tl::unexpected(errors.error());
  core::Result<Child> child =
      launcher_.launch({.argv = std::move(call_.argv),
                        .environment = environment(),
                        .directory = program.options().directory,
                        .files = {},
                        .descriptors = {input->read.get(), output->write.get(), errors->write.get()},
                        .sandbox = settings_.sandbox});
  if (!child) return tl::unexpected(child.error());
  child_ = *std::move(child);
  if (program.has_input()) assign(input_pipe_, input->write);
  assign(output_pipe_, output->read);
  assign(error_pipe_, errors->read);
  return {};
}

// What the configuration sets itself stays.
std::vector<std::string> ProgramRun::environment() const {
  std::vector<std::string> variables = settings_.program->environment();
  if (!task_.trace) return variables;
  const auto add = [&](const std::string& name, const std::string& value) {
    const auto is_set = [&](const std::string& variable) { return variable.starts_with(name); };
    if (!value.empty() && std::ranges::none_of(variables, is_set)) variables.push_back(name + value);
  };
  add("TRACEPARENT=", traceparent_of(*task_.trace));
  add("TRACESTATE=", task_.trace->state);
  return variables;
}

void ProgramRun::write_input() {
  if (!input_pipe_.is_open()) return;
  // A program need not read all of it.
  asio::async_write(input_pipe_, asio::buffer(call_.standard_input),
                    [self = shared_from_this()](const error_code&, std::size_t) {
                      close(self->input_pipe_);
                      std::string().swap(self->call_.standard_input);
                    });
}

void ProgramRun::read_output() {
  if (!output_pipe_.is_open()) return;
  output_pipe_.async_wait(Pipe::wait_read, [self = shared_from_this()](const error_code& error) {
    if (error || !self->output_pipe_.is_open()) return;
    read_once(self->output_pipe_, [&](std::string_view bytes) { self->take_output(bytes); });
    self->read_output();
  });
}

void ProgramRun::read_errors() {
  if (!error_pipe_.is_open()) return;
  error_pipe_.async_wait(Pipe::wait_read, [self = shared_from_this()](const error_code& error) {
    if (error || !self->error_pipe_.is_open()) return;
    read_once(self->error_pipe_, [&](std::string_view bytes) { self->take_errors(bytes); });
    self->read_errors();
  });
}

void ProgramRun::take_output(std::string_view bytes) {
  if (output_too_large_) return;
  if (bytes.size() <= settings_.program->options().max_output - output_.size()) {
    output_.append(bytes);
    return;
  }
  output_too_large_ = true;
  std::string().swap(output_);
  signal(SIGKILL);
}

void ProgramRun::take_errors(std::string_view bytes) {
  if (error_lines_) error_lines_->take(bytes, asio::steady_timer::clock_type::now());
  errors_.append(bytes);
  if (errors_.size() <= kErrorsKept) return;
  errors_cut_ = true;
  errors_.erase(0, errors_.size() - kErrorsKept);
}

void ProgramRun::await_exit() {
  pidfd_.async_wait(Pipe::wait_read, [self = shared_from_this()](const error_code& error) {
    if (!error) self->exited();
  });
}

void ProgramRun::exited() {
  const std::optional<ExitStatus> status = launcher_.reap(child_);
  if (!status) return await_exit();
  pidfd_.release();
  child_ = Child();
  timeout_timer_.cancel();
  kill_timer_.cancel();
  close(input_pipe_);
  drain(output_pipe_, [this](std::string_view bytes) { take_output(bytes); });
  drain(error_pipe_, [this](std::string_view bytes) { take_errors(bytes); });
  if (error_lines_) error_lines_->end(asio::steady_timer::clock_type::now());
  std::exchange(done_, nullptr)(outcome(*status));
}

void ProgramRun::stop(core::StopRequest request) {
  if (child_.pid < 0) return;
  signal(SIGTERM);
  // One that is stopped would never see it.
  signal(SIGCONT);
  switch (request.reason) {
    case core::StopRequest::Reason::kCancel:
      cancelled_ = true;
      break;
    case core::StopRequest::Reason::kForce:
      cancelled_ = true;
      kill_after(request.grace);
      break;
    case core::StopRequest::Reason::kTimeout:
      timed_out_ = true;
      kill_after(settings_.kill_grace);
      break;
  }
}

void ProgramRun::end(bool kill) {
  signal(kill ? SIGKILL : SIGTERM);
  if (kill) return;
  signal(SIGCONT);
  kill_after(settings_.kill_grace);
}

void ProgramRun::signal(int number) {
  if (child_.pid >= 0) launcher_.signal_group(child_, number);
}

void ProgramRun::kill_after(core::Duration grace) {
  const auto due = asio::steady_timer::clock_type::now() + grace;
  if (kill_is_due_ && kill_timer_.expiry() <= due) return;
  kill_is_due_ = true;
  kill_timer_.expires_at(due);
  kill_timer_.async_wait([self = shared_from_this()](const error_code& error) {
    if (!error) self->signal(SIGKILL);
  });
}

core::Outcome ProgramRun::outcome(const ExitStatus& status) const {
  const ProgramOptions& options = settings_.program->options();
  if (cancelled_) return core::Outcome::cancelled();
  if (timed_out_) {
    return failure(core::Origin::kTimeout, "TimeoutError",
                   "ran longer than its timeout of " + core::text_of(options.timeout.value_or(core::Duration(0))));
  }
  if (output_too_large_) {
    return failure(core::Origin::kLimit, "OutputTooLarge",
                   "wrote more than " + std::to_string(options.max_output) + " bytes to its standard output");
  }
  if (status.signal != 0) {
    return failure(core::Origin::kWorker, "WorkerLost",
                   status.to_string() + memory_note(status, settings_.sandbox.limits) + last_lines());
  }
  if (was_not_begun(status)) {
    return failure(core::Origin::kExecutor, "LaunchError", "cannot be started" + last_lines());
  }
  if (status.code != 0) return failure(core::Origin::kTask, "ProgramFailed", status.to_string() + last_lines());
  try {
    return returned(settings_.program->value_of(output_), attempt());
  } catch (...) {
    return threw(std::current_exception(), false, attempt());
  }
}

bool ProgramRun::was_not_begun(const ExitStatus& status) const {
  return (status.code == kSandboxFailed || status.code == kNotExecutable) && errors_.starts_with(kHelper);
}

core::Outcome ProgramRun::failure(core::Origin origin, const char* type, const std::string& problem) const {
  return core::Outcome::failed(
      {origin, type, settings_.program->options().function + " " + problem, "", nullptr, task_.attempt, task_.worker});
}

std::string ProgramRun::last_lines() const {
  std::string_view lines = errors_;
  const std::size_t first_end = lines.find('\n');
  if (errors_cut_ && first_end != std::string_view::npos) lines.remove_prefix(first_end + 1);
  const std::size_t last = lines.find_last_not_of(" \t\r\n");
  return last == std::string_view::npos ? "" : ":\n" + error_text(lines.substr(0, last + 1));
}

void ProgramRun::finish_later(core::Outcome outcome) {
  asio::post(io_, [self = shared_from_this(), ended = std::move(outcome)]() mutable {
    std::exchange(self->done_, nullptr)(std::move(ended));
  });
}

}  // namespace futured::exec
