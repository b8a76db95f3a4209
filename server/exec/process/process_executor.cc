#include "server/exec/process/process_executor.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

namespace futured::exec {
namespace asio = boost::asio;
namespace {

using State = core::WorkerSnapshot::State;

// Talking to a worker costs some 50 µs: a lease should last longer, but not so long that anybody notices.
constexpr auto kLeaseBudget = std::chrono::microseconds(500);
constexpr auto kFirstDelay = std::chrono::milliseconds(100);
constexpr auto kLongestDelay = std::chrono::seconds(30);
// Starts that may fail in a row before tasks fail.
constexpr unsigned kStartsForgiven = 3;

ProcessExecutor::Options with_log(ProcessExecutor::Options options) {
  if (!options.log) options.log = [](const core::LeaseEntry*, std::string_view, LogLevel, std::string_view) {};
  return options;
}

}  // namespace

ProcessExecutor::ProcessExecutor(Options options, std::vector<core::FunctionDescription> functions,
                                 asio::io_context& io, Launcher& launcher)
    : options_(with_log(std::move(options))), io_(io), launcher_(launcher), start_timer_(io), stopped_timer_(io) {
  description_.name = options_.worker.executor;
  description_.kind = "process";
  description_.max_workers = options_.max_workers;
  description_.max_coroutines = options_.max_workers;
  description_.functions = std::move(functions);
  for (const auto& program : options_.programs) description_.functions.push_back(program->describe());
  description_.lease_budget = kLeaseBudget;
  description_.can_kill = true;
  description_.sandbox = exec::describe(options_.worker.launch.sandbox);
}

ProcessExecutor::~ProcessExecutor() {
  stop();
  // What was posted before has run after this.
  std::promise<void> flushed;
  asio::post(io_, [&flushed] { flushed.set_value(); });
  flushed.get_future().wait();
}

core::ExecutorIndex ProcessExecutor::start(core::FutureTable& table, const core::Clock& clock) {
  surroundings_.emplace(WorkerProcess::Surroundings{io_, table, clock, launcher_, options_.worker, options_.log});
  programs_.emplace(
      ProgramRuns::Options{description_.name, options_.programs, options_.worker.launch.sandbox,
                           options_.worker.kill_grace, options_.worker.stop_timeout, options_.worker.max_value_size},
      io_, launcher_, table, clock, [this](const std::shared_ptr<core::Lease>& lease) {
        serve(surroundings_->table.exchange(lease, 1));
        stopped_if_empty();
      });
  index_ = table.add_executor(*this);
  asio::post(io_, [this] { watch_stopped(); });
  return index_;
}

void ProcessExecutor::stop() {
  {
    core::MutexLock lock(mu_);
    if (!surroundings_ || std::exchange(stop_asked_, true)) return;
  }
  asio::post(io_, [this] {
    stopping_ = true;
    start_timer_.cancel();
    for (const auto& worker : all_workers()) {
      if (worker->state() != State::kBusy) worker->drain();
    }
    idle_.clear();
    stopped_if_empty();
  });
  stopped_.get_future().wait();
}

// --- From any thread.

void ProcessExecutor::wake(unsigned workers) {
  asio::post(io_, [this, workers] {
    wakes_ += workers;
    serve_wakes();
  });
}

void ProcessExecutor::request_stop(std::shared_ptr<core::Lease> lease, std::size_t entry, core::StopRequest request) {
  asio::post(io_, [this, lease = std::move(lease), entry, request] {
    for (const auto& worker : all_workers()) {
      if (worker->holds(*lease)) return worker->request_stop(entry, request);
    }
    programs_->request_stop(*lease, request);
  });
}

std::vector<core::WorkerSnapshot> ProcessExecutor::workers() const {
  std::vector<core::WorkerSnapshot> snapshots;
  for (const auto& worker : all_workers()) snapshots.push_back(worker->snapshot());
  std::ranges::move(programs_->snapshot(), std::back_inserter(snapshots));
  return snapshots;
}

bool ProcessExecutor::end_workers(bool kill) {
  asio::post(io_, [this, kill] {
    idle_.clear();
    for (const auto& worker : all_workers()) kill ? worker->kill() : worker->terminate();
    programs_->end_all(kill);
  });
  return true;
}

std::vector<std::shared_ptr<WorkerProcess>> ProcessExecutor::all_workers() const {
  core::MutexLock lock(mu_);
  return workers_;
}

// --- Matching work and workers.

void ProcessExecutor::serve_wakes() {
  while (wakes_ > 0) {
    const auto function = surroundings_->table.next_function(index_);
    if (function && programs_->finds(*function)) {
      --wakes_;
      serve(surroundings_->table.take(index_, 1));
    } else if (WorkerProcess* const worker = take_idle()) {
      --wakes_;
      give(*worker, surroundings_->table.take(index_, tasks_left(*worker)));
    } else if (!broken_.empty()) {
      --wakes_;
      fail_pending();
    } else {
      start_workers();
      // Unless it has just turned out that none can be had.
      if (broken_.empty()) return;
    }
  }
}

void ProcessExecutor::give(WorkerProcess& worker, std::shared_ptr<core::Lease> lease) {
  if (lease != nullptr && !is_program(*lease)) return worker.run(std::move(lease));
  idle_.push_back(&worker);
  serve(std::move(lease));
}

void ProcessExecutor::serve(std::shared_ptr<core::Lease> lease) {
  while (lease != nullptr && is_program(*lease)) {
    if (programs_->start(lease)) return;
    lease = surroundings_->table.exchange(lease, 1);
  }
  if (lease == nullptr) return;
  if (WorkerProcess* const worker = take_idle()) return worker->run(std::move(lease));
  // Back in the queue it wakes somebody, and a worker is started.
  surroundings_->table.give_back(lease);
}

WorkerProcess* ProcessExecutor::take_idle() {
  // Those that are dying stay among the idle until they are gone.
  std::erase_if(idle_, [](const WorkerProcess* worker) { return worker->state() != State::kIdle; });
  if (idle_.empty()) return nullptr;
  WorkerProcess* const worker = idle_.back();
  idle_.pop_back();
  return worker;
}

bool ProcessExecutor::is_program(const core::Lease& lease) const { return programs_->finds(lease[0].function->name); }

// How many tasks a worker may be lent.
std::size_t ProcessExecutor::tasks_left(const WorkerProcess& worker) const {
  const std::size_t most = worker.uses_ledger() ? core::kMostLent : 1;
  if (options_.max_tasks_per_child == 0) return most;
  const std::uint64_t begun = std::min(options_.max_tasks_per_child, worker.tasks_begun());
  return std::min<std::size_t>(most, options_.max_tasks_per_child - begun);
}

void ProcessExecutor::worker_ready(WorkerProcess& worker) {
  broken_.clear();
  waits_to_start_ = false;
  start_timer_.cancel();
  if (stopping_) return worker.drain();
  idle_.push_back(&worker);
  serve_wakes();
}

void ProcessExecutor::worker_done(WorkerProcess& worker) {
  if (worker.tasks_begun() > 0) starts_failed_ = 0;
  const std::size_t left = tasks_left(worker);
  const std::shared_ptr<core::Lease> lease = worker.release();
  if (left == 0 || stopping_) {
    // Before its place is free, so that the next task does not find it.
    worker.drain();
    surroundings_->table.give_back(lease);
  } else {
    give(worker, surroundings_->table.exchange(lease, left));
  }
  serve_wakes();
}

void ProcessExecutor::worker_gone(WorkerProcess& worker, const WorkerProcess::Death& death) {
  std::erase(idle_, &worker);
  // One that was ready and had nothing to do has not failed.
  const bool was_of_no_use = worker.tasks_begun() == 0 && (!worker.was_ready() || worker.tasks() > 0);
  if (worker.tasks_begun() > 0) starts_failed_ = 0;
  std::shared_ptr<WorkerProcess> last_reference;
  {
    core::MutexLock lock(mu_);
    const auto found = std::ranges::find(workers_, &worker, &std::shared_ptr<WorkerProcess>::get);
    last_reference = std::move(*found);
    workers_.erase(found);
  }
  if (stopping_) return stopped_if_empty();
  if (!death.why.empty()) {
    ++workers_lost_;
    const std::string what = "worker " + worker.name() + " " + death.why;
    options_.log(nullptr, worker.name(), LogLevel::kWarning, what);
    // Callers are told where to look, not what is there: it may hold what is for the daemon's operator alone.
    const std::string where = "; what it wrote is in the daemon's log, with worker=" + worker.name();
    if (was_of_no_use) start_failed(death.unfit ? what : what + where, death.unfit);
  }
  serve_wakes();
}

// --- Starting.

void ProcessExecutor::start_workers() {
  if (waits_to_start_ || stopping_) return;
  const std::size_t all = all_workers().size();
  const std::size_t alive = all - count(State::kEnding);
  const std::size_t starting = count(State::kStarting);
  const auto pending = static_cast<std::size_t>(surroundings_->table.executors()[index_].pending);
  // After a failure one at a time.
  const std::size_t wanted = starts_failed_ > 0 ? 1 : std::max<std::size_t>(pending, 1);
  // Ending ones may take their time, but not any number of them.
  const std::size_t most = options_.max_workers;
  for (std::size_t i = 0; alive + i < most && all + i < 2 * most && starting + i < wanted; ++i) {
    if (!start_worker()) return;
  }
}

bool ProcessExecutor::start_worker() {
  WorkerProcess::Pool& pool = *this;
  const std::string name = options_.worker.executor + "-" + std::to_string(++workers_named_);
  auto worker = std::make_shared<WorkerProcess>(*surroundings_, pool, name);
  const core::Result<void> started = worker->start();
  ++workers_started_;
  if (!started) {
    ++workers_lost_;
    start_failed("no worker can be started: " + started.error().message,
                 started.error().reason == core::Reason::kSettingInvalid);
    return false;
  }
  core::MutexLock lock(mu_);
  workers_.push_back(std::move(worker));
  return true;
}

void ProcessExecutor::start_failed(const std::string& why, bool hopeless) {
  const bool others_work = count(State::kIdle) + count(State::kBusy) > 0;
  if (!others_work && (hopeless || starts_failed_ + 1 >= kStartsForgiven)) broken_ = why;
  // Of those that were started together only the first counts.
  if (std::exchange(waits_to_start_, true)) return;
  ++starts_failed_;
  const auto delay = std::min<core::Duration>(kFirstDelay * (1U << std::min(starts_failed_ - 1, 9U)), kLongestDelay);
  start_timer_.expires_after(delay);
  start_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    waits_to_start_ = false;
    // The next task finds out whether it works again.
    broken_.clear();
    serve_wakes();
  });
}

void ProcessExecutor::fail_pending() {
  for (auto lease = surroundings_->table.take(index_); lease != nullptr; lease = surroundings_->table.exchange(lease)) {
    // Programs need no worker.
    if (is_program(*lease)) return serve(std::move(lease));
    const core::Time now = surroundings_->clock.now();
    for (std::size_t i = 0; i < lease->size(); ++i) {
      if (!lease->begin(i, now)) continue;
      lease->end(i, now,
                 core::Outcome::failed({core::Origin::kExecutor, "BrokenExecutor",
                                        "executor \"" + description_.name + "\" cannot run the task: " + broken_, "",
                                        nullptr, (*lease)[i].attempt, ""}));
    }
  }
}

void ProcessExecutor::stopped_if_empty() {
  if (!stopping_ || !all_workers().empty() || !programs_->empty()) return;
  stopped_timer_.cancel();
  stopped_.set_value();
}

std::size_t ProcessExecutor::count(State state) const {
  core::MutexLock lock(mu_);
  return static_cast<std::size_t>(std::ranges::count(workers_, state, [](const auto& w) { return w->state(); }));
}

void ProcessExecutor::watch_stopped() {
  stopped_timer_.expires_after(std::chrono::seconds(1));
  stopped_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error || (stopping_ && all_workers().empty() && programs_->empty())) return;
    for (const auto& worker : all_workers()) worker->check_stopped();
    programs_->check_stopped();
    watch_stopped();
  });
}

}  // namespace futured::exec
