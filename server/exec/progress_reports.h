// ProgressReports: what a running function says of its progress, handed on as often as is of use.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "server/core/clock.h"
#include "server/core/mutex.h"
#include "server/core/progress.h"

namespace futured::exec {

// Within its bounds, as Context::progress() and worker.proto promise them. Nothing for a fraction that is NaN.
std::optional<core::Progress> bounded_progress(double fraction, std::string_view message);

// The reports of one task. A report is handed on at once, unless the last one was a moment ago: then it waits, and the
// next takes its place. May be used from any thread.
class ProgressReports {
 public:
  // Between two that are handed on.
  static constexpr core::Duration kInterval = std::chrono::milliseconds(50);
  // Takes a report. Called under a lock, so that they come in their order; it must not come back here.
  using Sink = std::function<void(core::Progress)>;

  explicit ProgressReports(Sink sink) : sink_(std::move(sink)) {}

  // A report of this moment. When flush() is to be called, if somebody has to see to it for this one.
  std::optional<core::Time> add(double fraction, std::string_view message, core::Time now) FUTURED_EXCLUDES(mu_);
  // Hands on what waits, if its time has come.
  void flush(core::Time now) FUTURED_EXCLUDES(mu_);

 private:
  void hand_on_locked(core::Time now) FUTURED_REQUIRES(mu_);

  const Sink sink_;
  core::Mutex mu_;
  // When the next may be handed on.
  core::Time next_ FUTURED_GUARDED_BY(mu_);
  bool waits_ FUTURED_GUARDED_BY(mu_) = false;
  // The last report.
  double fraction_ FUTURED_GUARDED_BY(mu_) = 0;
  std::string message_ FUTURED_GUARDED_BY(mu_);
};

}  // namespace futured::exec
