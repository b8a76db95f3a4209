// ScriptedExecutor: an executor whose workers come, begin, end and go only when the test says so.
//
//   auto lease = executor.come();                 // a worker that was woken takes what the table gives it
//   executor.begin(*lease, 0);
//   executor.end(*lease, 0, Outcome::cancelled());
//   lease = executor.exchange(lease);             // null: the worker is idle
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/core/future_table.h"

namespace futured::testing {

// The counters of the futures that a lease holds.
inline std::vector<std::uint64_t> counters_of(core::Lease& lease) {
  std::vector<std::uint64_t> counters;
  for (std::size_t i = 0; i < lease.size(); ++i) counters.push_back(lease[i].id.counter());
  return counters;
}

// For one thread. It runs "plain", "other" and the coroutine "coroutine".
class ScriptedExecutor final : public core::Executor {
 public:
  struct Options {
    std::string name = "scripted";
    unsigned max_workers = 1;
    unsigned max_coroutines = 1000;
    bool can_kill = false;
    std::string kind = "scripted";
  };
  struct Stop {
    core::FutureId id;
    std::size_t entry;
  };

  // Adds itself to the table. Neither the table nor the clock is owned; they outlive the executor's use.
  ScriptedExecutor(core::FutureTable& table, const core::Clock& clock, const Options& options)
      : table_(table), clock_(clock) {
    description_ = {options.name,
                    options.kind,
                    options.max_workers,
                    options.max_coroutines,
                    {{"plain", "any()", false}, {"other", "any()", false}, {"coroutine", "any()", true}}};
    description_.can_kill = options.can_kill;
    index_ = table.add_executor(*this);
  }

  const core::ExecutorDescription& describe() const override { return description_; }
  void wake(unsigned workers) override { woken_ += workers; }
  void request_stop(std::shared_ptr<core::Lease> lease, std::size_t entry, core::StopRequest) override {
    stops_.push_back({(*lease)[entry].id, entry});
    lease->request_stop(entry);
  }

  core::ExecutorIndex index() const { return index_; }
  // Workers that were asked for and have not come yet.
  unsigned woken() const { return woken_; }
  const std::vector<Stop>& stops() const { return stops_; }

  // REQUIRES: woken() > 0.
  std::shared_ptr<core::Lease> come() {
    --woken_;
    return keep(table_.take(index_));
  }
  std::shared_ptr<core::Lease> exchange(const std::shared_ptr<core::Lease>& lease) {
    return keep(table_.exchange(lease));
  }
  bool begin(core::Lease& lease, std::size_t entry) { return lease.begin(entry, clock_.now()); }
  void end(core::Lease& lease, std::size_t entry, core::Outcome outcome = core::Outcome::succeeded(core::Bytes())) {
    lease.end(entry, clock_.now(), std::move(outcome));
  }
  // Ends a coroutine, after its lease was exchanged.
  void finish(core::Lease& lease, std::size_t entry, core::Outcome outcome = core::Outcome::succeeded(core::Bytes())) {
    end(lease, entry, std::move(outcome));
    table_.finish(lease, entry);
  }

  // Runs what a lease holds; each returns its arguments. Not for coroutines. The next lease.
  std::shared_ptr<core::Lease> run(const std::shared_ptr<core::Lease>& lease) {
    for (std::size_t i = 0; i < lease->size(); ++i) {
      if (begin(*lease, i)) end(*lease, i, core::Outcome::succeeded((*lease)[i].arguments));
    }
    return exchange(lease);
  }
  // Lets all workers that are woken run until they are idle.
  void run_all() {
    while (woken_ > 0) {
      for (auto lease = come(); lease != nullptr;) lease = run(lease);
    }
  }

 private:
  // The table wants a lease to live until it is given back, which tests need not.
  std::shared_ptr<core::Lease> keep(std::shared_ptr<core::Lease> lease) {
    if (lease != nullptr) leases_.push_back(lease);
    return lease;
  }

  core::FutureTable& table_;
  const core::Clock& clock_;
  core::ExecutorDescription description_;
  core::ExecutorIndex index_ = 0;
  unsigned woken_ = 0;
  std::vector<Stop> stops_;
  std::vector<std::shared_ptr<core::Lease>> leases_;
};

}  // namespace futured::testing
