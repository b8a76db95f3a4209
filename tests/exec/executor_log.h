// ExecutorLog: what a process executor's log says. May be used from any thread.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "server/core/mutex.h"
#include "server/exec/process/worker_process.h"
#include "tests/support/eventually.h"

namespace futured::testing {

class ExecutorLog : public std::enable_shared_from_this<ExecutorLog> {
 public:
  // For Options::log. REQUIRES: it is held by a shared_ptr.
  exec::WorkerProcess::LogSink sink() {
    return [log = shared_from_this()](const core::LeaseEntry*, std::string_view, LogLevel, std::string_view text) {
      log->add(text);
    };
  }
  void add(std::string_view line) {
    core::MutexLock lock(mu_);
    lines_.append(line).append("\n");
    written_.notify_all();
  }
  // Waits until the log has these words; all of it.
  std::string with(const std::string& words) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    core::MutexLock lock(mu_);
    while (lines_.find(words) == std::string::npos && std::chrono::steady_clock::now() < deadline) {
      written_.wait_until(mu_, deadline);
    }
    return lines_;
  }

 private:
  core::Mutex mu_;
  core::CondVar written_;
  std::string lines_ FUTURED_GUARDED_BY(mu_);
};

}  // namespace futured::testing
