// What a session does for progress callbacks.
#include <utility>

#include "futured/v1/future.pb.h"
#include "session.h"

namespace futured::detail {

void Session::add_progress_callback(const StatePtr& future, ProgressCallback callback) {
  Effects effects;
  {
    const Lock lock(mutex_);
    if (future->done()) return;
    if (!callback_thread_) callback_thread_ = std::make_unique<CallbackThread>();
    const bool is_first = !future->has_progress_callbacks();
    future->extras().progress_callbacks.push_back(std::move(callback));
    if (is_first) observe(*future);
    plan(effects);
  }
  perform(effects);
}

void Session::observe(const FutureState& future) {
  if (future.attached()) {
    observed_attached_.push_back(future.counter);
  } else {
    observed_.insert(future.counter);
  }
}

// The daemon passes over what it does not know yet.
bool Session::add_observed(v1::SessionRequest& request) {
  constexpr int kMostPerMessage = 20'000;
  if (!watched_.empty() || !attaches_.empty()) return false;
  while (!observed_attached_.empty() && request.observed_size() < kMostPerMessage) {
    request.add_observed(observed_attached_.front());
    observed_attached_.pop_front();
  }
  while (!observed_.empty() && *observed_.begin() <= settled_through_ && request.observed_size() < kMostPerMessage) {
    const std::uint64_t counter = *observed_.begin();
    observed_.erase(observed_.begin());
    if (table_.find(counter) != nullptr) request.add_observed(counter);
  }
  return request.observed_size() > 0;
}

// While one report waits for the callback thread, the next takes its place.
void Session::hear_progress(std::uint64_t counter, const std::string& payload, Effects& effects) {
  FutureState* const future = table_.find(counter);
  v1::Progress progress;
  if (future == nullptr || !future->has_progress_callbacks() || !progress.ParseFromString(payload)) return;
  auto& waiting = future->extras().progress;
  if (!waiting) {
    ++uncalled_;
    effects.progress.push_back(table_.shared(counter));
  }
  waiting = Progress{progress.fraction(), std::move(*progress.mutable_message())};
}

void Session::run_progress_callbacks(const StatePtr& future) {
  Progress progress;
  std::vector<ProgressCallback> callbacks;
  {
    const Lock lock(mutex_);
    progress = *std::exchange(future->extras().progress, std::nullopt);
    callbacks = future->extras().progress_callbacks;
  }
  for (const ProgressCallback& callback : callbacks) {
    try {
      callback(progress);
    } catch (...) {
      report_callback_error(std::current_exception());
    }
  }
  note_called();
}

}  // namespace futured::detail
