// WorkerProcess: its conversation with the worker.
#include <sys/socket.h>

#include <cerrno>
#include <span>
#include <utility>

#include "server/core/crash_point.h"
#include "server/core/task_log.h"
#include "server/exec/process/worker_process.h"

namespace futured::exec {
namespace asio = boost::asio;
namespace {

// Between the end of its socket and its own.
constexpr auto kDyingTime = std::chrono::seconds(1);

LogLevel level_of(worker::v1::LogLevel level) {
  switch (level) {
    case worker::v1::LOG_LEVEL_DEBUG:
      return LogLevel::kDebug;
    case worker::v1::LOG_LEVEL_WARNING:
    case worker::v1::LOG_LEVEL_STDERR:
      return LogLevel::kWarning;
    case worker::v1::LOG_LEVEL_ERROR:
      return LogLevel::kError;
    default:
      return LogLevel::kInfo;
  }
}

}  // namespace

void WorkerProcess::send(const worker::v1::ToWorker& message) {
  append_frame(message, output_);
  if (!writing_) write();
}

void WorkerProcess::write() {
  while (!output_.empty()) {
    const ssize_t sent = ::send(socket_.native_handle(), output_.data(), output_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0) {
      output_.erase(0, static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      writing_ = true;
      socket_.async_wait(asio::posix::stream_descriptor::wait_write,
                         [self = shared_from_this()](const boost::system::error_code& error) {
                           self->writing_ = false;
                           if (!error) self->write();
                         });
      return;
    } else if (errno != EINTR) {
      // Its end will be heard of.
      output_.clear();
    }
  }
}

void WorkerProcess::read_when_readable() {
  socket_.async_wait(asio::posix::stream_descriptor::wait_read,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       if (error) return;
                       if (!self->read()) return self->socket_closed();
                       // What a broken one says is of no interest.
                       if (self->failure_.empty()) self->read_when_readable();
                     });
}

// Once, so that others get their turn whatever it writes.
bool WorkerProcess::read() {
  const std::span<char> space = reader_.space();
  const ssize_t size = ::recv(socket_.native_handle(), space.data(), space.size(), MSG_DONTWAIT);
  if (size < 0) return errno == EAGAIN || errno == EINTR;
  if (size == 0) return false;
  reader_.filled(static_cast<std::size_t>(size));
  while (const auto frame = reader_.next()) hear(*frame);
  if (!reader_.error().empty()) break_protocol(reader_.error());
  return true;
}

// Most often it is dying, and how is heard in a moment.
void WorkerProcess::socket_closed() {
  if (state() == State::kEnding) return;
  state_.store(State::kEnding, std::memory_order_relaxed);
  kill_timer_.expires_after(kDyingTime);
  kill_timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (!error) self->break_off("closed its socket");
  });
}

void WorkerProcess::hear(std::string_view frame) {
  if (!failure_.empty()) return;
  std::string broken;
  if (!in_.ParseFromArray(frame.data(), static_cast<int>(frame.size()))) {
    broken = "a message of " + std::to_string(frame.size()) + " bytes does not parse";
  } else if (in_.has_log()) {
    hear_log(in_.log());
  } else if (in_.has_ready() == was_ready_) {
    broken = was_ready_ ? "it was ready twice" : "it spoke before it was ready";
  } else if (in_.has_ready()) {
    hear_ready(in_.ready());
  } else if (batch_.lease() == nullptr) {
    broken = "it reported on a task and has none";
  } else if (in_.has_started()) {
    broken = batch_.started(in_.started());
  } else if (in_.has_progress()) {
    broken = batch_.progress(in_.progress());
  } else if (in_.has_results()) {
    core::crash_point("process.before_reply");
    broken = batch_.results(in_.results());
    core::crash_point("process.after_reply");
    if (broken.empty() && !batch_.waiting()) send_next_piece();
  } else {
    broken = "a message of " + std::to_string(frame.size()) + " bytes has no known content";
  }
  if (!broken.empty()) break_protocol(broken);
}

void WorkerProcess::hear_ready(const worker::v1::WorkerReady& ready) {
  if (ready.has_error()) {
    unfit_ = true;
    return break_off("cannot work: " + ready.error().type() + ": " + ready.error().message());
  }
  was_ready_ = true;
  pid_.store(surroundings_.launcher.program_of(child_), std::memory_order_relaxed);
  uses_ledger_ = ready.ledger();
  batch_.use(uses_ledger_ ? ledger_->claims() : std::span(&single_claim_, 1), uses_ledger_);
  if (state() != State::kStarting) return;
  kill_timer_.cancel();
  state_.store(State::kIdle, std::memory_order_relaxed);
  pool_.worker_ready(*this);
}

// Each task may say as much as any, in its own log; all of a worker together, in that of the daemon.
void WorkerProcess::hear_log(const worker::v1::WorkerLog& log) {
  const core::Time now = surroundings_.clock.now();
  const std::pair<std::uint64_t, std::uint32_t> task(log.batch(), log.index());
  if (std::exchange(logged_task_, task) != task) task_limit_ = {};
  task_limit_.allows(now) ? batch_.log(log) : batch_.drop_line(log);
  if (!log_limit_.allows(now)) return;
  if (const std::size_t dropped = log_limit_.take_dropped(); dropped > 0) {
    surroundings_.log(nullptr, name_, LogLevel::kWarning, std::to_string(dropped) + " messages were dropped");
  }
  surroundings_.log(batch_.find(log.batch(), log.index()), name_, level_of(log.level()),
                    std::string_view(log.text()).substr(0, core::kLongestLogLine));
}

}  // namespace futured::exec
