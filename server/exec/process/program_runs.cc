#include "server/exec/process/program_runs.h"

#include <utility>

#include "server/exec/log_lines.h"

namespace futured::exec {
namespace {

std::optional<core::TraceContext> trace_of(const core::LeaseEntry& entry) {
  if (entry.trace == nullptr) return std::nullopt;
  return entry.trace->context;
}

}  // namespace

ProgramRuns::ProgramRuns(Options options, boost::asio::io_context& io, Launcher& launcher, core::FutureTable& table,
                         const core::Clock& clock, Done done)
    : options_(std::move(options)), io_(io), launcher_(launcher), table_(table), clock_(clock), done_(std::move(done)) {
  for (const auto& program : options_.programs) programs_.emplace(program->options().function, program);
}

bool ProgramRuns::start(std::shared_ptr<core::Lease> lease) {
  const core::Time now = clock_.now();
  if (!lease->begin(0, now)) return false;
  const core::LeaseEntry& entry = (*lease)[0];
  const std::uint64_t number = ++last_number_;
  const std::string name = options_.executor + "-program-" + std::to_string(number);
  entry.runs_on(name);
  auto program = std::make_shared<ProgramRun>(
      io_, launcher_,
      ProgramRun::Settings{programs_.at(entry.function->name), options_.sandbox, options_.kill_grace,
                           options_.max_value_size},
      ProgramRun::Task{entry.arguments, entry.attempt, name, entry.has_own_timeout, log_of(lease), trace_of(entry)},
      [this, number](core::Outcome outcome) { ended(number, std::move(outcome)); });
  program->start();
  const core::WorkerSnapshot snapshot{name, program->pid(), core::WorkerSnapshot::State::kBusy, 1, now};
  core::MutexLock lock(mu_);
  runs_.emplace(number, Run{std::move(lease), std::move(program), snapshot, std::nullopt});
  return true;
}

OutputLines::Sink ProgramRuns::log_of(const std::shared_ptr<core::Lease>& lease) const {
  return {[this, lease](std::string_view text) {
            const core::NewLogLine line = bounded_line(core::LineKind::kErrors, text);
            table_.append_log(*lease, 0, {&line, 1});
          },
          [this, lease](std::size_t dropped) { table_.append_log(*lease, 0, {}, dropped); }};
}

void ProgramRuns::ended(std::uint64_t number, core::Outcome outcome) {
  std::shared_ptr<core::Lease> lease;
  {
    core::MutexLock lock(mu_);
    const auto found = runs_.find(number);
    lease = std::move(found->second.lease);
    runs_.erase(found);
  }
  lease->end(0, clock_.now(), std::move(outcome));
  done_(std::move(lease));
}

bool ProgramRuns::request_stop(const core::Lease& lease, core::StopRequest request) {
  for (const auto& [number, run] : runs()) {
    if (run.lease.get() != &lease) continue;
    run.program->stop(request);
    return true;
  }
  return false;
}

void ProgramRuns::end_all(bool kill) {
  for (const auto& [number, run] : runs()) run.program->end(kill);
}

void ProgramRuns::check_stopped() {
  const core::Time now = clock_.now();
  core::MutexLock lock(mu_);
  for (auto& [number, run] : runs_) {
    if (!run.program->is_stopped()) {
      run.stopped_since.reset();
    } else if (!run.stopped_since) {
      run.stopped_since = now;
    } else if (now - *run.stopped_since >= options_.stop_timeout) {
      run.program->end(true);
    }
  }
}

bool ProgramRuns::empty() const {
  core::MutexLock lock(mu_);
  return runs_.empty();
}

std::map<std::uint64_t, ProgramRuns::Run> ProgramRuns::runs() const {
  core::MutexLock lock(mu_);
  return runs_;
}

std::vector<core::WorkerSnapshot> ProgramRuns::snapshot() const {
  core::MutexLock lock(mu_);
  std::vector<core::WorkerSnapshot> snapshots;
  for (const auto& [number, run] : runs_) snapshots.push_back(run.snapshot);
  return snapshots;
}

}  // namespace futured::exec
