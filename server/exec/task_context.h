// TaskContext: what a running function sees of its task, backed by its lease entry.
#pragma once

#include <cstddef>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "futured/context.h"
#include "server/core/lease.h"
#include "server/exec/thread_executor.h"

namespace futured::exec {

// Lives while the function runs; the lease must live longer. Used by the function's own thread or coroutine.
class TaskContext final : public Context {
 public:
  TaskContext(core::Lease& lease, std::size_t entry, const ThreadExecutor::LogSink& log)
      : lease_(lease), index_(entry), log_(log) {}

  std::string id() const override { return core::to_string(entry().id); }
  unsigned attempt() const override { return entry().attempt; }
  std::optional<std::chrono::steady_clock::time_point> deadline() const override {
    if (!entry().timeout) return std::nullopt;
    return entry().started + *entry().timeout;
  }
  std::stop_token stop_token() override { return lease_.stop_token(index_); }
  bool stop_requested() const override { return entry().stop_requested.load(std::memory_order_acquire); }
  void log(LogLevel level, std::string_view text) override {
    if (log_) log_(entry().id, entry().function->name, level, text);
  }

 private:
  core::LeaseEntry& entry() const { return lease_[index_]; }

  core::Lease& lease_;
  const std::size_t index_;
  const ThreadExecutor::LogSink& log_;
};

}  // namespace futured::exec
