#include "server/exec/process/batch.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "server/exec/invoke.h"
#include "server/exec/log_lines.h"
#include "server/exec/progress_reports.h"
#include "server/proto/error.h"

namespace futured::exec {
namespace {

using Phase = core::LeaseEntry::Phase;

std::int64_t monotonic(core::Time time) { return time.time_since_epoch().count(); }

core::LineKind kind_of(worker::v1::LogLevel level) {
  switch (level) {
    case worker::v1::LOG_LEVEL_DEBUG:
      return core::LineKind::kDebug;
    case worker::v1::LOG_LEVEL_WARNING:
      return core::LineKind::kWarning;
    case worker::v1::LOG_LEVEL_ERROR:
      return core::LineKind::kError;
    case worker::v1::LOG_LEVEL_STDOUT:
      return core::LineKind::kOutput;
    case worker::v1::LOG_LEVEL_STDERR:
      return core::LineKind::kErrors;
    default:
      return core::LineKind::kInfo;
  }
}

void set_id(core::FutureId id, std::string& bytes) {
  bytes.resize(16);
  for (std::size_t i = 0; i < 8; ++i) {
    bytes[i] = static_cast<char>(id.high >> (56 - 8 * i) & 0xff);
    bytes[8 + i] = static_cast<char>(id.low >> (56 - 8 * i) & 0xff);
  }
}

}  // namespace

void Batch::hold(std::shared_ptr<core::Lease> lease) {
  lease_ = std::move(lease);
  next_entry_ = 0;
  entries_.clear();
  reported_ = 0;
}

bool Batch::next(std::size_t max_size, worker::v1::Batch& message) {
  message.Clear();
  entries_.clear();
  reported_ = 0;
  dropped_ = 0;
  ++number_;
  told_at_ = reported_at_ = clock_.now();
  message.set_number(number_);
  std::size_t size = 0;
  while (next_entry_ < lease_->size() && entries_.size() < claims_.size()) {
    const std::size_t arguments = (*lease_)[next_entry_].arguments.size();
    if (!entries_.empty() && size + arguments > max_size) break;
    if (add_call(next_entry_++, message)) size += arguments;
  }
  return !entries_.empty();
}

bool Batch::add_call(std::size_t i, worker::v1::Batch& message) {
  core::Claim& claim = claims_[entries_.size()];
  shared_ ? claim.hand_over(number_) : claim.promise(number_);
  if (!lease_->hand_over(i, claim, number_)) return false;
  entries_.push_back(i);
  const core::LeaseEntry& entry = (*lease_)[i];
  // Neighbours usually call the same function.
  if (message.functions().empty() || message.functions().rbegin()->compare(entry.function->name) != 0) {
    message.add_functions(entry.function->name);
  }
  worker::v1::Call& call = *message.add_calls();
  call.set_function(static_cast<std::uint32_t>(message.functions_size() - 1));
  const std::string_view arguments = entry.arguments.view();
  call.set_arguments(arguments.data(), arguments.size());
  set_id(entry.id, *call.mutable_id());
  call.set_attempt(entry.attempt);
  if (entry.timeout) call.set_deadline(monotonic(clock_.now() + *entry.timeout));
  if (entry.trace != nullptr) {
    call.set_traceparent(traceparent_of(entry.trace->context));
    call.set_tracestate(entry.trace->context.state);
  }
  return true;
}

std::optional<core::Time> Batch::idle_since() const {
  if (!waiting()) return std::nullopt;
  for (std::size_t i = reported_; i < entries_.size(); ++i) {
    if (claims_[i].begun(number_)) return std::nullopt;
  }
  return reported_at_;
}

std::string Batch::started(const worker::v1::Started& started) {
  if (shared_) return "it sent `started` though it uses the ledger";
  if (started.batch() != number_ || started.index() != reported_ || !waiting()) {
    return "it started task " + std::to_string(started.index()) + " of batch " + std::to_string(started.batch()) +
           ", which is not its next";
  }
  core::Claim& claim = claims_[started.index()];
  if (claim.begun(number_)) {
    return "it started task " + std::to_string(started.index()) + " of batch " + std::to_string(number_) + " twice";
  }
  claim.note_begun(number_);
  return "";
}

std::string Batch::results(const worker::v1::Results& results) {
  if (results.batch() != number_ || results.first() != reported_ || results.results().empty() ||
      static_cast<std::size_t>(results.results_size()) > entries_.size() - reported_) {
    return "it sent " + std::to_string(results.results_size()) + " results from task " +
           std::to_string(results.first()) + " of batch " + std::to_string(results.batch()) +
           ", which are not the next";
  }
  const std::size_t first = reported_;
  for (const worker::v1::Result& each : results.results()) {
    if (std::string broken = result(static_cast<std::uint32_t>(reported_), each); !broken.empty()) return broken;
    ++reported_;
  }
  reported_at_ = clock_.now();
  // Others may take long: these must not wait for them.
  if (waiting() || next_entry_ < lease_->size()) {
    for (std::size_t i = first; i < reported_; ++i) {
      if ((*lease_)[entries_[i]].phase.load(std::memory_order_acquire) == Phase::kDone) {
        table_.finish(*lease_, entries_[i]);
      }
    }
  }
  return "";
}

void Batch::recovered(const worker::v1::Results& results) {
  if (results.batch() != number_ || results.first() > reported_) return;
  for (std::size_t i = reported_ - results.first(); i < static_cast<std::size_t>(results.results_size()); ++i) {
    if (!waiting() || !result(static_cast<std::uint32_t>(reported_), results.results(static_cast<int>(i))).empty())
      return;
    ++reported_;
  }
}

std::string Batch::result(std::uint32_t index, const worker::v1::Result& result) {
  const std::size_t i = entries_[index];
  if (result.has_skipped()) {
    if (table_.was_taken_back(*lease_, i)) return "";
    return "it skipped task " + std::to_string(index) + " of batch " + std::to_string(number_) + " unasked";
  }
  if (result.outcome_case() == worker::v1::Result::OUTCOME_NOT_SET) {
    return "it sent a result without an outcome of task " + std::to_string(index) + " of batch " +
           std::to_string(number_);
  }
  const core::Time now = clock_.now();
  // Whatever the worker says, the call lay between the telling and now.
  const core::Time started = std::clamp(core::Time(core::Duration(result.start_time())), told_at_, now);
  const core::Time finished = std::clamp(core::Time(core::Duration(result.finish_time())), started, now);
  if (!claims_[index].begun(number_) || !lease_->begun_elsewhere(i, started)) {
    return "it sent a result of task " + std::to_string(index) + " of batch " + std::to_string(number_) +
           ", which it had not begun";
  }
  ++begun_;
  append_lines(index, {});
  (*lease_)[i].runs_on(worker_);
  lease_->end(i, finished, outcome_of((*lease_)[i], result));
  return "";
}

core::Outcome Batch::outcome_of(const core::LeaseEntry& entry, const worker::v1::Result& result) const {
  if (result.has_value()) return returned(result.value(), {entry.attempt, worker_, max_value_size_});
  if (result.has_cancelled()) return core::Outcome::cancelled();
  core::Error error = to_core(result.error());
  error.attempt = entry.attempt;
  error.worker = worker_;
  if (error.exception != nullptr && error.exception->data.size() > max_value_size_) error.exception = nullptr;
  return failed(std::move(error));
}

std::string Batch::progress(const worker::v1::Progress& progress) {
  const std::uint32_t index = progress.index();
  if (!runs(progress.batch(), index)) {
    return "it reported progress of task " + std::to_string(index) + " of batch " + std::to_string(progress.batch()) +
           ", which does not run";
  }
  auto bounded = bounded_progress(progress.fraction(), progress.message());
  if (bounded) table_.report_progress(*lease_, entries_[index], *std::move(bounded));
  return "";
}

bool Batch::runs(std::uint64_t number, std::uint32_t index) const {
  return number == number_ && index >= reported_ && index < entries_.size() && claims_[index].begun(number_);
}

void Batch::log(const worker::v1::WorkerLog& log) {
  if (!runs(log.batch(), log.index())) return;
  const core::NewLogLine line = bounded_line(kind_of(log.level()), log.text());
  append_lines(log.index(), {&line, 1});
}

void Batch::drop_line(const worker::v1::WorkerLog& log) {
  if (!runs(log.batch(), log.index())) return;
  if (std::exchange(dropped_of_, log.index()) != log.index()) dropped_ = 0;
  ++dropped_;
}

void Batch::append_lines(std::uint32_t index, std::span<const core::NewLogLine> lines) {
  const std::uint64_t dropped = dropped_of_ == index ? std::exchange(dropped_, 0) : 0;
  if (dropped > 0 || !lines.empty()) table_.append_log(*lease_, entries_[index], lines, dropped);
}

const core::LeaseEntry* Batch::find(std::uint64_t number, std::uint32_t index) const {
  return lease_ != nullptr && number == number_ && index < entries_.size() ? &(*lease_)[entries_[index]] : nullptr;
}

Batch::Place Batch::place_of(const core::Lease& lease, std::size_t entry) const {
  if (lease_.get() != &lease) return {};
  for (std::size_t i = reported_; i < entries_.size(); ++i) {
    if (entries_[i] == entry) return {number_, static_cast<std::int64_t>(i)};
  }
  return {};
}

bool Batch::hold_at(std::size_t entry) {
  table_.take_back_after(*lease_, entry);
  bool inside = false;
  for (std::size_t i = reported_; i < entries_.size(); ++i) {
    if (entries_[i] == entry) inside = true;
    // It is further already: the result is on its way.
    if (entries_[i] > entry && !table_.was_taken_back(*lease_, entries_[i])) return false;
  }
  return inside;
}

void Batch::abandon(const std::function<bool(std::size_t entry)>& is_forced,
                    const std::function<core::Outcome(std::size_t entry)>& outcome_of) {
  append_lines(dropped_of_, {});
  for (std::size_t i = reported_; i < entries_.size(); ++i) {
    if (!is_forced(entries_[i])) claims_[i].break_promise(number_);
  }
  const core::Time now = clock_.now();
  const std::vector<std::size_t> begun = table_.reclaim(*lease_);
  for (const std::size_t entry : begun) {
    (*lease_)[entry].runs_on(worker_);
    lease_->end(entry, now, outcome_of(entry));
  }
  begun_ += begun.size();
  table_.give_back(release());
}

std::shared_ptr<core::Lease> Batch::release() {
  entries_.clear();
  reported_ = 0;
  return std::exchange(lease_, nullptr);
}

}  // namespace futured::exec
