// What a session does without its mutex: gRPC calls, timers, wake-ups and callbacks.
#include <iostream>
#include <utility>

#include "session.h"

namespace futured::detail {
void Session::perform(const Effects& effects) {
  for (const auto& signal : effects.signals) signal->set();
  if (effects.changed) changed_.notify_all();
  if (effects.window_opened) window_.notify_all();
  switch (effects.write) {
    case Effects::Write::kNone:
      break;
    case Effects::Write::kStart:
      effects.stream->start(connector_, effects.message);
      break;
    case Effects::Write::kMessage:
      effects.stream->write(effects.message);
      break;
    case Effects::Write::kHalfClose:
      effects.stream->finish();
      break;
  }
  for (const StatePtr& future : effects.progress) {
    callback_thread_->post([future] { future->session->run_progress_callbacks(future); });
  }
  for (const StatePtr& future : effects.callbacks) {
    callback_thread_->post([future] { future->session->run_callbacks(future); });
  }
  if (effects.released) effects.released->release();
  if (effects.cancelled) effects.cancelled->cancel();
  arm(acknowledge_timer_, effects.acknowledge, &Session::on_acknowledge_timer);
  arm(retry_timer_, effects.retry, &Session::on_retry_timer);
  arm(reconnect_timer_, effects.reconnect, &Session::on_reconnect_timer);
  arm(give_up_timer_, effects.give_up, &Session::on_give_up_timer);
}

void Session::arm(Timer& timer, const Effects::Delay& delay, void (Session::*function)()) {
  if (!delay) return;
  timer.arm(*delay, [weak = weak_from_this(), function] {
    if (const auto self = weak.lock()) ((*self).*function)();
  });
}

void Session::run_callbacks(const StatePtr& future) {
  // The future is done, so nobody else touches the list.
  for (Callback& callback : std::exchange(future->extras().callbacks, {})) {
    run_callback(callback, future);
    callback = nullptr;
  }
  note_called();
}

void Session::note_called() {
  {
    const Lock lock(mutex_);
    --uncalled_;
  }
  changed_.notify_all();
}

void Session::run_callback(const Callback& callback, const StatePtr& future) {
  try {
    callback(future);
  } catch (...) {
    report_callback_error(std::current_exception());
  }
}

void Session::report_callback_error(std::exception_ptr error) const noexcept {
  try {
    if (options_.on_callback_error) {
      options_.on_callback_error(std::move(error));
      return;
    }
    std::rethrow_exception(std::move(error));
  } catch (const std::exception& thrown) {
    std::cerr << "futured: exception in a callback: " << thrown.what() << '\n';
  } catch (...) {
    std::cerr << "futured: exception in a callback\n";
  }
}

}  // namespace futured::detail
