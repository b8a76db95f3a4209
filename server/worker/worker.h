// Worker: runs the batches of tasks that the daemon sends, one task after another, on one thread; a second one listens
// meanwhile.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "futured/registry.h"
#include "futured/worker/v1/worker.pb.h"
#include "server/core/claim.h"
#include "server/exec/invoke.h"
#include "server/exec/process/ledger.h"
#include "server/worker/conversation.h"
#include "server/worker/running_task.h"

namespace futured::worker {

class Worker {
 public:
  // All outlive it.
  Worker(Conversation& conversation, const Registry& registry, const v1::WorkerHello& hello,
         const exec::Ledger& ledger);

  // Runs the initializer and tells the daemon that it is ready, or why not.
  bool get_ready();
  // Runs tasks until the daemon has no more. When the daemon goes away, the process ends, with all that it started.
  void run();

 private:
  // No error: it went well, or there is none.
  core::Outcome initialize();
  // The listening thread.
  void listen();
  // The running thread.
  std::optional<v1::Batch> next_batch();
  void run_batch(const v1::Batch& batch);
  v1::Result run_call(const v1::Batch& batch, std::uint32_t index);
  void set_running(RunningTask* task);
  core::Outcome call(const Function* function, const std::string& name, RunningTask& task, const v1::Call& call);
  core::Outcome call_coroutine(const Function& function, RunningTask& task, const v1::Call& call,
                               const exec::Attempt& attempt);
  // Results that have not been sent, from either thread.
  void add_result(std::uint64_t batch, std::uint32_t index, v1::Result&& result);
  void flush();
  void flush_locked();
  // From the listening thread.
  void flush_progress();

  Conversation& conversation_;
  const Registry& registry_;
  const v1::WorkerHello& hello_;
  const std::span<core::Claim> claims_;
  exec::Journal& journal_;

  std::mutex mu_;
  std::condition_variable changed_;
  // Under mu_.
  std::deque<v1::Batch> batches_;
  bool draining_ = false;
  // After how long the listener looks for results and progress that wait; nothing while there is no batch.
  std::optional<std::chrono::milliseconds> patience_;
  RunningTask* running_ = nullptr;

  std::mutex results_mu_;
  v1::FromWorker result_;
  std::string frame_;
};

}  // namespace futured::worker
