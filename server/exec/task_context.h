// TaskContext: what a running function sees of its task, backed by its lease entry.
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "futured/context.h"
#include "server/core/future_table.h"
#include "server/core/lease.h"
#include "server/exec/line_limit.h"
#include "server/exec/progress_reports.h"

namespace futured::exec {

// Lives while the function runs; the lease must live longer. Used by the function's own thread or coroutine, progress()
// by any thread.
class TaskContext final : public Context {
 public:
  // Takes what a function logs. Called from the function's thread.
  using LogSink = std::function<void(core::FutureId, std::string_view function, LogLevel, std::string_view text)>;
  // All outlive the pool's threads.
  struct Surroundings {
    // May be empty.
    const LogSink& log;
    core::FutureTable& table;
    const core::Clock& clock;
    // Where progress is handed on that had to wait.
    boost::asio::thread_pool& pool;
  };

  TaskContext(core::Lease& lease, std::size_t entry, const Surroundings& surroundings)
      : lease_(lease), index_(entry), surroundings_(surroundings) {}

  std::string id() const override { return core::to_string(entry().id); }
  unsigned attempt() const override { return entry().attempt; }
  std::optional<std::chrono::steady_clock::time_point> deadline() const override {
    if (!entry().timeout) return std::nullopt;
    return entry().started + *entry().timeout;
  }
  std::stop_token stop_token() override { return lease_.stop_token(index_); }
  bool stop_requested() const override { return entry().stop_requested.load(std::memory_order_acquire); }
  void log(LogLevel level, std::string_view text) override;
  void progress(double fraction, std::string_view message) override;
  // The function has returned: tells how many lines were dropped last.
  void end_log();
  std::string traceparent() const override { return entry().trace ? traceparent_of(entry().trace->context) : ""; }
  std::string tracestate() const override { return entry().trace ? entry().trace->context.state : ""; }

 private:
  core::LeaseEntry& entry() const { return lease_[index_]; }
  void make_reports();

  core::Lease& lease_;
  const std::size_t index_;
  const Surroundings surroundings_;
  // Of the lines that are kept with the future.
  LineLimit limit_;
  // Made on demand: few functions report.
  std::once_flag reports_once_;
  std::shared_ptr<ProgressReports> reports_;
};

}  // namespace futured::exec
