#include "server/exec/process/worker_process.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "server/core/duration_text.h"
#include "server/exec/process/output_log.h"

namespace futured::exec {
namespace asio = boost::asio;
namespace {

constexpr std::uint32_t kProtocol = 1;
constexpr int kSocketNumber = 3;
// Of the arguments in one piece of a batch, bytes.
constexpr std::size_t kPieceSize = std::size_t{1} << 19;
// A socket holds less than so many reads.
constexpr int kLastReads = 16;
// Between the end of a task and its result, generously.
constexpr auto kLateResult = std::chrono::seconds(1);

}  // namespace

WorkerProcess::WorkerProcess(const Surroundings& surroundings, Pool& pool, std::string name)
    : surroundings_(surroundings),
      pool_(pool),
      name_(std::move(name)),
      batch_(surroundings.table, surroundings.clock, name_, surroundings.settings.max_value_size),
      socket_(surroundings.io),
      pidfd_(surroundings.io),
      kill_timer_(surroundings.io),
      stop_timer_(surroundings.io),
      reader_(surroundings.settings.max_frame_size) {}

core::Result<void> WorkerProcess::start() {
  core::Result<Ledger> ledger = Ledger::create(core::kMostLent);
  if (!ledger) return tl::unexpected(ledger.error());
  ledger_.emplace(*std::move(ledger));
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    return core::failure(core::Reason::kLaunchFailed, std::string("no socket pair: ") + std::strerror(errno));
  }
  const UniqueFd theirs(ends[1]);
  socket_.assign(ends[0]);
  int pipe_ends[2];
  if (::pipe2(pipe_ends, O_CLOEXEC) != 0) {
    return core::failure(core::Reason::kLaunchFailed, std::string("no pipe: ") + std::strerror(errno));
  }
  UniqueFd output(pipe_ends[0]);
  const UniqueFd their_output(pipe_ends[1]);
  Launch launch = surroundings_.settings.launch;
  // It lives longer than one task, and limits each by itself.
  launch.sandbox.limits.max_cpu_seconds = 0;
  launch.files = surroundings_.settings.files();
  launch.environment.push_back("FUTURED_WORKER_SOCKET=" + std::to_string(kSocketNumber));
  launch.descriptors = {-1, their_output.get(), their_output.get(), theirs.get(), ledger_->descriptor()};
  started_at_ = surroundings_.clock.now();
  core::Result<Child> child = surroundings_.launcher.launch(launch);
  if (!child) return tl::unexpected(child.error());
  child_ = std::move(*child);
  pid_.store(child_.pid, std::memory_order_relaxed);
  pidfd_.assign(child_.pidfd.get());
  OutputLog::start(surroundings_.io, surroundings_.clock, std::move(output),
                   [log = surroundings_.log, worker = name_](std::string_view line) {
                     log(nullptr, worker, LogLevel::kInfo, line);
                   });
  wait_for_end();
  read_when_readable();
  say_hello();
  kill_timer_.expires_after(surroundings_.settings.start_timeout);
  kill_timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (error || self->state() != State::kStarting) return;
    self->break_off("did not get ready within its start_timeout of " +
                    core::text_of(self->surroundings_.settings.start_timeout));
  });
  return {};
}

void WorkerProcess::say_hello() {
  out_.Clear();
  worker::v1::WorkerHello& hello = *out_.mutable_hello();
  hello.set_protocol(kProtocol);
  hello.set_executor(surroundings_.settings.executor);
  hello.set_worker(name_);
  hello.set_max_frame_size(surroundings_.settings.max_frame_size);
  hello.set_max_value_size(surroundings_.settings.max_value_size);
  hello.set_initializer(surroundings_.settings.initializer);
  for (const std::string& word : surroundings_.settings.initializer_program) hello.add_initializer_program(word);
  hello.set_max_cpu_seconds(surroundings_.settings.launch.sandbox.limits.max_cpu_seconds);
  hello.set_ledger_words(static_cast<std::uint32_t>(ledger_->size()));
  for (const std::string& plugin : surroundings_.settings.plugins) hello.add_plugins(plugin);
  send(out_);
}

// --- Tasks.

void WorkerProcess::run(std::shared_ptr<core::Lease> lease) {
  tasks_.fetch_add(lease->size(), std::memory_order_relaxed);
  state_.store(State::kBusy, std::memory_order_relaxed);
  batch_.hold(std::move(lease));
  send_next_piece();
}

void WorkerProcess::send_next_piece() {
  out_.Clear();
  if (batch_.next(kPieceSize, *out_.mutable_batch())) return send(out_);
  // Nothing was left to do, perhaps from the beginning: the pool expects no call from within run().
  asio::post(surroundings_.io, [self = shared_from_this()] {
    if (self->batch_.lease() == nullptr || self->state() != State::kBusy) return;
    self->stops_.clear();
    self->stop_timer_.cancel();
    self->pool_.worker_done(*self);
  });
}

std::shared_ptr<core::Lease> WorkerProcess::release() {
  state_.store(State::kIdle, std::memory_order_relaxed);
  return batch_.release();
}

void WorkerProcess::request_stop(std::size_t entry, core::StopRequest request) {
  const Batch::Place place = batch_.place_of(*batch_.lease(), entry);
  if (place.index < 0) return;
  if (stops_.add(entry)) {
    out_.Clear();
    out_.mutable_stop()->set_batch(place.number);
    out_.mutable_stop()->set_index(static_cast<std::uint32_t>(place.index));
    send(out_);
  }
  if (request.reason == core::StopRequest::Reason::kCancel) return;
  const bool forced = request.reason == core::StopRequest::Reason::kForce;
  const core::Duration grace = forced ? request.grace : surroundings_.settings.kill_grace;
  stops_.limit(entry, surroundings_.clock.now() + grace, forced);
  watch_stops();
}

void WorkerProcess::watch_stops() {
  const core::Time due = stops_.next_due();
  if (due == core::Time::max()) return;
  stop_timer_.expires_at(due);
  stop_timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (!error && self->batch_.lease() != nullptr) self->stops_due();
  });
}

void WorkerProcess::stops_due() {
  const core::Time now = surroundings_.clock.now();
  for (const std::size_t entry : stops_.take_due(now)) {
    if (batch_.place_of(*batch_.lease(), entry).index < 0) continue;
    // Another task must not be killed for this one, whose result is on its way then.
    if (batch_.hold_at(entry) || !stops_.spare(entry, now + kLateResult)) return kill();
  }
  watch_stops();
}

// --- The end.

void WorkerProcess::drain() {
  told_to_end_ = true;
  state_.store(State::kEnding, std::memory_order_relaxed);
  out_.Clear();
  out_.mutable_drain();
  send(out_);
  kill_after(surroundings_.settings.kill_grace);
}

void WorkerProcess::terminate() {
  told_to_end_ = true;
  state_.store(State::kEnding, std::memory_order_relaxed);
  if (child_.pid > 0) surroundings_.launcher.signal_group(child_, SIGTERM);
  kill_after(surroundings_.settings.kill_grace);
}

void WorkerProcess::kill() {
  told_to_end_ = true;
  state_.store(State::kEnding, std::memory_order_relaxed);
  if (child_.pid > 0) surroundings_.launcher.signal_group(child_, SIGKILL);
}

void WorkerProcess::break_off(std::string why) {
  if (failure_.empty()) failure_ = std::move(why);
  kill();
}

void WorkerProcess::break_protocol(const std::string& how) {
  broke_protocol_ = true;
  break_off("broke the worker protocol: " + how);
}

void WorkerProcess::kill_after(core::Duration grace) {
  const core::Time due = surroundings_.clock.now() + grace;
  // Whoever asks again does not give it more time.
  if (kill_due_ && *kill_due_ <= due) return;
  kill_due_ = due;
  kill_timer_.expires_at(due);
  kill_timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (!error) self->kill();
  });
}

void WorkerProcess::check_stopped() {
  const bool stopped = child_.pid > 0 && surroundings_.launcher.is_stopped(child_);
  const core::Time now = surroundings_.clock.now();
  if (!stopped) stopped_since_ = state() == State::kBusy ? batch_.idle_since() : std::nullopt;
  if (stopped && !stopped_since_) stopped_since_ = now;
  if (!stopped_since_ || now - *stopped_since_ < surroundings_.settings.stop_timeout) return;
  break_off((stopped ? "was stopped by a signal for " : "did not begin its next task for ") +
            core::text_of(surroundings_.settings.stop_timeout));
}

void WorkerProcess::wait_for_end() {
  pidfd_.async_wait(asio::posix::stream_descriptor::wait_read,
                    [self = shared_from_this()](const boost::system::error_code& error) {
                      if (!error) self->ended();
                    });
}

void WorkerProcess::ended() {
  const std::optional<ExitStatus> status = surroundings_.launcher.reap(child_);
  if (!status) return wait_for_end();
  // What it said last still counts.
  for (int i = 0; i < kLastReads && failure_.empty() && read(); ++i) {
  }
  state_.store(State::kEnding, std::memory_order_relaxed);
  kill_timer_.cancel();
  stop_timer_.cancel();
  socket_.close();
  (void)pidfd_.release();
  child_ = Child();
  const std::string fate = failure_.empty() ? fate_of(*status) : failure_;
  if (batch_.lease() != nullptr) {
    recover_results();
    batch_.abandon([this](std::size_t entry) { return stops_.is_forced(entry); },
                   [&](std::size_t entry) { return lost(entry, fate); });
  }
  pool_.worker_gone(*this, {failure_.empty() && told_to_end_ ? "" : fate, unfit_});
}

// Who was told to end did not lack memory.
std::string WorkerProcess::fate_of(const ExitStatus& status) const {
  const ResourceLimits& limits = surroundings_.settings.launch.sandbox.limits;
  return status.to_string() + (told_to_end_ ? "" : memory_note(status, limits));
}

void WorkerProcess::recover_results() {
  FrameReader journal(Journal::kSize);
  journal.append(ledger_->journal().copy());
  while (const auto frame = journal.next()) {
    if (in_.ParseFromArray(frame->data(), static_cast<int>(frame->size())) && in_.has_results()) {
      batch_.recovered(in_.results());
    }
  }
}

core::Outcome WorkerProcess::lost(std::size_t entry, const std::string& fate) const {
  if (stops_.is_forced(entry)) return core::Outcome::cancelled();
  return core::Outcome::failed({core::Origin::kWorker, broke_protocol_ ? "WorkerProtocolError" : "WorkerLost",
                                "worker " + name_ + " " + fate + " while it ran the task", "", nullptr,
                                (*batch_.lease())[entry].attempt, name_});
}

}  // namespace futured::exec
