// RunningTask: what a function in a worker process sees of its task.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "futured/context.h"
#include "futured/worker/v1/worker.pb.h"
#include "server/core/ids.h"
#include "server/core/progress.h"
#include "server/exec/progress_reports.h"
#include "server/worker/conversation.h"

namespace futured::worker {

// Lives while the function runs; the call and the conversation must live longer. A stop may be requested from any
// thread, and so is progress; the rest is for the function's.
class RunningTask final : public Context {
 public:
  RunningTask(Conversation& conversation, std::uint64_t batch, std::uint32_t index, const v1::Call& call)
      : conversation_(conversation),
        batch_(batch),
        index_(index),
        call_(call),
        reports_([this](const core::Progress& progress) { say(progress); }) {}

  bool is(std::uint64_t batch, std::uint32_t index) const { return batch == batch_ && index == index_; }
  void request_stop() { stop_.request_stop(); }
  // Tells the daemon of a progress that waits, if its time has come.
  void flush_progress() { reports_.flush(std::chrono::steady_clock::now()); }

  std::string id() const override;
  unsigned attempt() const override { return call_.attempt(); }
  std::optional<std::chrono::steady_clock::time_point> deadline() const override {
    if (call_.deadline() == 0) return std::nullopt;
    return std::chrono::steady_clock::time_point(std::chrono::nanoseconds(call_.deadline()));
  }
  std::stop_token stop_token() override { return stop_.get_token(); }
  bool stop_requested() const override { return stop_.stop_requested(); }
  void log(LogLevel level, std::string_view text) override;
  std::string traceparent() const override { return call_.traceparent(); }
  std::string tracestate() const override { return call_.tracestate(); }
  void progress(double fraction, std::string_view message) override {
    // Who runs it calls flush_progress() now and then.
    reports_.add(fraction, message, std::chrono::steady_clock::now());
  }

 private:
  void say(const core::Progress& progress);

  Conversation& conversation_;
  const std::uint64_t batch_;
  const std::uint32_t index_;
  const v1::Call& call_;
  std::stop_source stop_;
  exec::ProgressReports reports_;
};

}  // namespace futured::worker
