// ManualExecutor: an executor whose tasks begin as soon as they are submitted, and finish when the test says so.
//
// It has no threads: everything happens on the thread that causes it. Its only function is "task"; tasks that name
// another begin as well. To have pending tasks, pause it in the table.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>

#include "server/core/future_table.h"
#include "server/core/mutex.h"

namespace futured::testing {

// May be used from any thread.
class ManualExecutor final : public core::Executor {
 public:
  // Adds itself to the table. Neither the table nor the clock is owned; they outlive the executor's use.
  ManualExecutor(core::FutureTable& table, const core::Clock& clock, std::string name = "manual")
      : table_(table), clock_(clock) {
    // As coroutines, any number of them can be under way.
    description_ = {std::move(name), "manual", 1, 1'000'000, {{"task", "void()", true}, {"another", "void()", true}}};
    index_ = table.add_executor(*this);
  }

  const core::ExecutorDescription& describe() const override { return description_; }
  void wake(unsigned) override {
    for (auto lease = table_.take(index_); lease != nullptr; lease = table_.exchange(lease)) begin(lease);
  }
  void request_stop(std::shared_ptr<core::Lease> lease, std::size_t entry, core::StopRequest) override {
    core::MutexLock lock(mu_);
    asked_to_stop_.insert((*lease)[entry].id);
  }

  core::ExecutorIndex index() const { return index_; }
  // Finishes a task that has begun. False when there is none of that ID.
  bool finish(core::FutureId id, core::Outcome outcome) {
    Running running;
    {
      core::MutexLock lock(mu_);
      const auto found = running_.find(id);
      if (found == running_.end()) return false;
      running = std::move(found->second);
      running_.erase(found);
    }
    running.lease->end(running.entry, clock_.now(), std::move(outcome));
    table_.finish(*running.lease, running.entry);
    return true;
  }
  // What the function of a task that has begun tells. False when there is none of that ID.
  bool report_progress(core::FutureId id, core::Progress progress) {
    const auto running = find(id);
    if (running) table_.report_progress(*running->lease, running->entry, std::move(progress));
    return running.has_value();
  }
  bool log(core::FutureId id, std::span<const core::NewLogLine> lines, std::uint64_t dropped = 0) {
    const auto running = find(id);
    if (running) table_.append_log(*running->lease, running->entry, lines, dropped);
    return running.has_value();
  }
  bool is_running(core::FutureId id) const {
    core::MutexLock lock(mu_);
    return running_.contains(id);
  }
  bool was_asked_to_stop(core::FutureId id) const {
    core::MutexLock lock(mu_);
    return asked_to_stop_.contains(id);
  }

 private:
  struct Running {
    std::shared_ptr<core::Lease> lease;
    std::size_t entry = 0;
  };

  std::optional<Running> find(core::FutureId id) const {
    core::MutexLock lock(mu_);
    const auto found = running_.find(id);
    return found == running_.end() ? std::nullopt : std::optional(found->second);
  }
  void begin(const std::shared_ptr<core::Lease>& lease) {
    for (std::size_t i = 0; i < lease->size(); ++i) {
      if (!lease->begin(i, clock_.now())) continue;
      core::MutexLock lock(mu_);
      running_[(*lease)[i].id] = {lease, i};
    }
  }

  core::FutureTable& table_;
  const core::Clock& clock_;
  core::ExecutorDescription description_;
  core::ExecutorIndex index_ = 0;
  mutable core::Mutex mu_;
  std::map<core::FutureId, Running> running_ FUTURED_GUARDED_BY(mu_);
  std::set<core::FutureId> asked_to_stop_ FUTURED_GUARDED_BY(mu_);
};

}  // namespace futured::testing
