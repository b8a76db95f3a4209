#include "server/worker/worker.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <csignal>
#include <cstdlib>
#include <string_view>
#include <thread>
#include <utility>

#include "server/exec/progress_reports.h"
#include "server/proto/error.h"
#include "server/worker/initializer_program.h"

namespace futured::worker {
namespace asio = boost::asio;
namespace {

// How long a result may wait for its neighbours. A single one has none, and only progress to wait for.
std::chrono::milliseconds patience_for(const v1::Batch& batch) {
  constexpr auto kResultPatience = std::chrono::milliseconds(1);
  constexpr auto kProgressPatience = std::chrono::ceil<std::chrono::milliseconds>(exec::ProgressReports::kInterval);
  return batch.calls_size() > 1 ? kResultPatience : kProgressPatience;
}

// The process may take `seconds` of processor time more; then SIGXCPU ends it.
void allow_cpu_time(std::uint64_t seconds) {
  if (seconds == 0) return;
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  rlimit limit{};
  ::getrlimit(RLIMIT_CPU, &limit);
  // What it has used is counted in whole seconds.
  const auto begun = static_cast<rlim_t>(used.ru_utime.tv_sec + used.ru_stime.tv_sec + 1);
  limit.rlim_cur = std::min<rlim_t>(begun + seconds, limit.rlim_max);
  ::setrlimit(RLIMIT_CPU, &limit);
}

std::int64_t now() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

void set_outcome(core::Outcome&& outcome, v1::Result& result) {
  switch (outcome.state) {
    case core::State::kSucceeded:
      result.set_value(outcome.value.view().data(), outcome.value.size());
      break;
    case core::State::kCancelled:
      result.mutable_cancelled();
      break;
    default:
      *result.mutable_error() = to_proto(*outcome.error);
      break;
  }
}

}  // namespace

Worker::Worker(Conversation& conversation, const Registry& registry, const v1::WorkerHello& hello,
               const exec::Ledger& ledger)
    : conversation_(conversation),
      registry_(registry),
      hello_(hello),
      claims_(ledger.claims()),
      journal_(ledger.journal()) {}

bool Worker::get_ready() {
  v1::FromWorker message;
  v1::WorkerReady& ready = *message.mutable_ready();
  ready.set_ledger(true);
  ready.set_description("futured-worker " FUTURED_VERSION);
  for (const Function* function : registry_.functions()) {
    v1::WorkerFunction& known = *ready.add_functions();
    known.set_name(function->name());
    known.set_signature(function->signature());
  }
  if (const core::Outcome outcome = initialize(); outcome.error != nullptr) {
    *ready.mutable_error() = to_proto(*outcome.error);
    ready.mutable_error()->set_message("the initializer failed: " + outcome.error->message);
  }
  return conversation_.say(message) && !ready.has_error();
}

core::Outcome Worker::initialize() {
  const auto& program = hello_.initializer_program();
  if (!program.empty()) return run_initializer({program.begin(), program.end()});
  if (hello_.initializer().empty()) return {};
  const v1::Call nothing;
  RunningTask task(conversation_, 0, 0, nothing);
  return call(registry_.find(hello_.initializer()), hello_.initializer(), task, nothing);
}

void Worker::run() {
  std::thread listener([this] { listen(); });
  while (const auto batch = next_batch()) run_batch(*batch);
  listener.join();
}

// --- Listening.

void Worker::listen() {
  v1::ToWorker message;
  for (;;) {
    std::optional<std::chrono::milliseconds> patience;
    {
      const std::lock_guard lock(mu_);
      if (draining_) return;
      patience = patience_;
    }
    const auto heard = conversation_.hear(message, patience);
    if (heard == Conversation::Heard::kNothing) {
      flush();
      flush_progress();
      continue;
    }
    // The daemon is gone, or out of order: this process ends. Its guard ends what it has started.
    if (heard == Conversation::Heard::kEnd) std::_Exit(1);
    const std::lock_guard lock(mu_);
    if (message.has_batch()) {
      patience_ = patience_for(message.batch());
      batches_.push_back(std::move(*message.mutable_batch()));
    } else if (message.has_stop() && running_ != nullptr &&
               running_->is(message.stop().batch(), message.stop().index())) {
      running_->request_stop();
    } else if (message.has_drain()) {
      draining_ = true;
    }
    changed_.notify_one();
  }
}

// --- Running.

std::optional<v1::Batch> Worker::next_batch() {
  std::unique_lock lock(mu_);
  patience_.reset();
  changed_.wait(lock, [this] { return draining_ || !batches_.empty(); });
  if (batches_.empty()) return std::nullopt;
  v1::Batch batch = std::move(batches_.front());
  batches_.pop_front();
  patience_ = patience_for(batch);
  return batch;
}

void Worker::run_batch(const v1::Batch& batch) {
  for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(batch.calls_size()); ++i) {
    add_result(batch.number(), i, run_call(batch, i));
  }
  flush();
}

v1::Result Worker::run_call(const v1::Batch& batch, std::uint32_t index) {
  v1::Result result;
  const v1::Call& the_call = batch.calls(static_cast<int>(index));
  const std::string& name = batch.functions(static_cast<int>(the_call.function()));
  RunningTask task(conversation_, batch.number(), index, the_call);
  // Before it begins, so that no stop is missed.
  set_running(&task);
  allow_cpu_time(hello_.max_cpu_seconds());
  if (claims_[index].begin(batch.number())) {
    result.set_start_time(now());
    set_outcome(call(registry_.find(name), name, task, the_call), result);
    result.set_finish_time(now());
  } else {
    result.mutable_skipped();
  }
  set_running(nullptr);
  return result;
}

void Worker::set_running(RunningTask* task) {
  const std::lock_guard lock(mu_);
  running_ = task;
}

core::Outcome Worker::call(const Function* function, const std::string& name, RunningTask& task,
                           const v1::Call& the_call) {
  const exec::Attempt attempt{the_call.attempt(), hello_.worker(), hello_.max_value_size()};
  if (function == nullptr) return exec::unknown_function(name, hello_.executor(), attempt);
  if (function->is_coroutine()) return call_coroutine(*function, task, the_call, attempt);
  return exec::invoke(*function, task, the_call.arguments(), attempt);
}

core::Outcome Worker::call_coroutine(const Function& function, RunningTask& task, const v1::Call& the_call,
                                     const exec::Attempt& attempt) {
  asio::io_context io(1);
  asio::cancellation_signal signal;
  core::Outcome outcome;
  asio::co_spawn(
      io, function.call_async(task, the_call.arguments()),
      asio::bind_cancellation_slot(signal.slot(), [&](const std::exception_ptr& exception, const std::string& value) {
        outcome = exec::awaited(exception, value, task.stop_requested(), attempt);
      }));
  // Comes from the listening thread.
  const std::stop_callback on_stop(
      task.stop_token(), [&io, &signal] { asio::post(io, [&signal] { signal.emit(asio::cancellation_type::all); }); });
  io.run();
  return outcome;
}

// --- Results.

void Worker::add_result(std::uint64_t batch, std::uint32_t index, v1::Result&& result) {
  const std::lock_guard lock(results_mu_);
  v1::Results& results = *result_.mutable_results();
  results.set_batch(batch);
  results.set_first(index);
  results.clear_results();
  *results.add_results() = std::move(result);
  frame_.clear();
  exec::append_frame(result_, frame_);
  if (journal_.append(frame_)) return;
  flush_locked();
  if (!journal_.append(frame_)) conversation_.say_frames(frame_);
}

void Worker::flush() {
  const std::lock_guard lock(results_mu_);
  flush_locked();
}

// Under the lock the task stays.
void Worker::flush_progress() {
  const std::lock_guard lock(mu_);
  if (running_ != nullptr) running_->flush_progress();
}

// Said under the lock, so that results stay in order.
void Worker::flush_locked() {
  if (journal_.content().empty()) return;
  conversation_.say_frames(journal_.content());
  journal_.clear();
}

}  // namespace futured::worker
