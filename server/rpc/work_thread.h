// WorkThread: one thread for what blocks, and so must not run on gRPC's.
#pragma once

#include <deque>
#include <functional>
#include <thread>

#include "server/core/mutex.h"

namespace futured::rpc {

class WorkThread {
 public:
  WorkThread();
  // As stop().
  ~WorkThread();
  WorkThread(const WorkThread&) = delete;
  WorkThread& operator=(const WorkThread&) = delete;

  // Does `work`, which must not throw, after what was posted before. Never blocks; from any thread. After stop() it is
  // dropped.
  void post(std::function<void()> work) FUTURED_EXCLUDES(mu_);
  // Waits for the end of what has begun, and drops the rest. From a thread that serves nothing; may be called again.
  void stop() FUTURED_EXCLUDES(mu_);

 private:
  void run() FUTURED_EXCLUDES(mu_);
  // Empty: stopped.
  std::function<void()> next() FUTURED_EXCLUDES(mu_);

  core::Mutex mu_;
  core::CondVar changed_;
  std::deque<std::function<void()>> waiting_ FUTURED_GUARDED_BY(mu_);
  bool stopped_ FUTURED_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace futured::rpc
