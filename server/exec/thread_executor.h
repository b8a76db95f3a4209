// ThreadExecutor: runs C++ functions on a pool of threads of the daemon.
//
// Trusted code only: a function that crashes takes the daemon with it, and one that never returns keeps its thread.
// Plain functions run on up to `max_workers` threads. Coroutines run on the same pool, which has one thread more, so
// that they get on when every worker is inside a plain function; a suspended one holds no thread.
#pragma once

#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "futured/registry.h"
#include "server/core/executor.h"
#include "server/core/future_table.h"
#include "server/exec/task_context.h"

namespace futured::exec {

class ThreadExecutor final : public core::Executor {
 public:
  struct Options {
    std::string name;
    unsigned max_workers = 1;
    unsigned max_coroutines = 10'000;
    // Of a serialized value, in bytes.
    std::uint64_t max_value_size = std::uint64_t{4} << 20;
    // May be empty.
    TaskContext::LogSink log;
  };

  // `registry` must outlive the executor and not change. Destroyed when the table's timekeeper is stopped: a tick may
  // call wake() until then.
  ThreadExecutor(Options options, const Registry& registry);
  ~ThreadExecutor() override { stop(); }

  // Enters itself into the table. Once, before anything else. The table must outlive stop().
  core::ExecutorIndex start(core::FutureTable& table, const core::Clock& clock);
  // Asks every function to stop that can be asked (coroutines by cancellation are the table's affair), and returns when
  // none runs. A plain function that never returns blocks it for ever. May be repeated.
  void stop();

  const core::ExecutorDescription& describe() const override { return description_; }
  void wake(unsigned workers) override;
  void request_stop(std::shared_ptr<core::Lease> lease, std::size_t entry, core::StopRequest request) override;

 private:
  class Coroutine;

  void work();
  // Looks for another wake() for a short while before the thread goes to sleep. True: there was one.
  bool linger();
  bool take_wake();
  void run(const std::shared_ptr<core::Lease>& lease, std::string_view worker);
  // Runs one entry that has begun. Returns when it ended.
  core::Time run_plain(core::Lease& lease, std::size_t entry, const Function* function, std::string_view worker);
  void spawn(const std::shared_ptr<core::Lease>& lease, std::size_t entry, const Function& function);
  // REQUIRES: started.
  TaskContext::Surroundings surroundings();
  // The name of the calling thread, for errors: the executor's and a number.
  const std::string& worker_name();

  const Options options_;
  const Registry& registry_;
  core::ExecutorDescription description_;
  // Set by start().
  core::FutureTable* table_ = nullptr;
  const core::Clock* clock_ = nullptr;
  core::ExecutorIndex index_ = 0;

  std::atomic<unsigned> threads_named_{0};
  // Wakes meant for the lingering worker, and whether there is one.
  std::atomic<unsigned> wakes_{0};
  std::atomic<bool> somebody_lingers_{false};
  boost::asio::thread_pool pool_;
};

}  // namespace futured::exec
