#include "server/exec/progress_reports.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "futured/valid_text.h"

namespace futured::exec {

std::optional<core::Progress> bounded_progress(double fraction, std::string_view message) {
  if (std::isnan(fraction)) return std::nullopt;
  return core::Progress{std::clamp(fraction, 0.0, 1.0), valid_text(message, core::kLongestProgressMessage)};
}

std::optional<core::Time> ProgressReports::add(double fraction, std::string_view message, core::Time now) {
  if (std::isnan(fraction)) return std::nullopt;
  core::MutexLock lock(mu_);
  fraction_ = fraction;
  // One byte more than is kept shows that it was cut.
  message_.assign(message.substr(0, core::kLongestProgressMessage + 1));
  if (now >= next_) {
    hand_on_locked(now);
    return std::nullopt;
  }
  return std::exchange(waits_, true) ? std::nullopt : std::optional(next_);
}

void ProgressReports::flush(core::Time now) {
  core::MutexLock lock(mu_);
  if (waits_ && now >= next_) hand_on_locked(now);
}

void ProgressReports::hand_on_locked(core::Time now) {
  waits_ = false;
  next_ = now + kInterval;
  if (auto progress = bounded_progress(fraction_, message_)) sink_(*std::move(progress));
}

}  // namespace futured::exec
