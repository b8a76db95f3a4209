// WorkerThreads: an executor of plain threads for tests of the table, which call one function for every task.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "server/core/future_table.h"
#include "server/core/mutex.h"

namespace futured::testing {

// Everything that is called "coroutine" counts as one: it ends on another thread, after its lease was given back.
class WorkerThreads final : public core::Executor {
 public:
  // Called on many threads at once.
  using Body = std::function<core::Outcome(const core::LeaseEntry&)>;

  // Adds itself to the table. Neither the table nor the clock is owned; they outlive the executor.
  WorkerThreads(core::FutureTable& table, const core::Clock& clock, unsigned workers, Body body)
      : table_(table), clock_(clock), body_(std::move(body)) {
    description_ = {"threads", "threads", workers, 50, {{"plain", "any()", false}, {"coroutine", "any()", true}}};
    index_ = table.add_executor(*this);
    for (unsigned i = 0; i < workers; ++i) threads_.emplace_back([this] { work(); });
    threads_.emplace_back([this] { end_coroutines(); });
  }
  // REQUIRES: the table is idle.
  ~WorkerThreads() override {
    {
      core::MutexLock lock(mu_);
      stopping_ = true;
      changed_.notify_all();
    }
    for (std::thread& thread : threads_) thread.join();
  }

  const core::ExecutorDescription& describe() const override { return description_; }
  void wake(unsigned workers) override {
    core::MutexLock lock(mu_);
    woken_ += workers;
    changed_.notify_all();
  }
  void request_stop(std::shared_ptr<core::Lease> lease, std::size_t entry, core::StopRequest) override {
    lease->request_stop(entry);
  }
  core::ExecutorIndex index() const { return index_; }

 private:
  struct Coroutine {
    std::shared_ptr<core::Lease> lease;
    std::size_t entry;
  };

  void work() {
    while (wait_for_wake()) {
      for (auto lease = table_.take(index_); lease != nullptr; lease = table_.exchange(lease)) run(lease);
    }
  }
  bool wait_for_wake() {
    core::MutexLock lock(mu_);
    while (woken_ == 0 && !stopping_) changed_.wait(mu_);
    if (woken_ == 0) return false;
    --woken_;
    return true;
  }
  void run(const std::shared_ptr<core::Lease>& lease) {
    for (std::size_t i = 0; i < lease->size(); ++i) {
      if (!lease->begin(i, clock_.now())) continue;
      if ((*lease)[i].is_coroutine) {
        core::MutexLock lock(mu_);
        coroutines_.push_back({lease, i});
        changed_.notify_all();
      } else {
        core::Outcome outcome = body_((*lease)[i]);
        lease->end(i, clock_.now(), std::move(outcome));
      }
    }
  }
  void end_coroutines() {
    for (std::vector<Coroutine> begun; wait_for_coroutines(begun); begun.clear()) {
      for (const Coroutine& each : begun) {
        core::Outcome outcome = body_((*each.lease)[each.entry]);
        each.lease->end(each.entry, clock_.now(), std::move(outcome));
        table_.finish(*each.lease, each.entry);
      }
    }
  }
  bool wait_for_coroutines(std::vector<Coroutine>& begun) {
    core::MutexLock lock(mu_);
    while (coroutines_.empty() && !stopping_) changed_.wait(mu_);
    begun.swap(coroutines_);
    return !begun.empty();
  }

  core::FutureTable& table_;
  const core::Clock& clock_;
  const Body body_;
  core::ExecutorDescription description_;
  core::ExecutorIndex index_ = 0;

  core::Mutex mu_;
  core::CondVar changed_;
  unsigned woken_ FUTURED_GUARDED_BY(mu_) = 0;
  bool stopping_ FUTURED_GUARDED_BY(mu_) = false;
  std::vector<Coroutine> coroutines_ FUTURED_GUARDED_BY(mu_);
  std::vector<std::thread> threads_;
};

}  // namespace futured::testing
