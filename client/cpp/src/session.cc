#include "session.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "access_error.h"
#include "administration.h"
#include "futured/errors.h"
#include "logs.h"

namespace futured::detail {

using google::protobuf::util::TimeUtil;

namespace {

constexpr auto kCloseTimeout = std::chrono::seconds(2);

}  // namespace

Session::Session(std::string address, ExecutorOptions options)
    : options_(std::move(options)),
      connector_(std::move(address), options_.credentials),
      jitter_(std::random_device{}()) {}

std::exception_ptr Session::Breakage::error() const {
  if (auto error = access_error(code, text, refusal)) return error;
  return connection_lost ? std::make_exception_ptr(ConnectionLost(text, refusal))
                         : std::make_exception_ptr(BrokenExecutor(text, refusal));
}

bool Session::has_room(std::size_t bytes) const {
  return outbox_.tasks() == 0 ||
         (outbox_.tasks() < options_.max_unaccepted && outbox_.bytes() + bytes <= options_.max_unaccepted_bytes);
}

void Session::admit(Lock& lock, std::size_t bytes) {
  for (;;) {
    if (broken_) std::rethrow_exception(broken_->error());
    if (shut_down_) throw ShutdownError("cannot schedule new futures after shutdown");
    if (has_room(bytes)) return;
    ++blocked_submits_;
    window_.wait(lock);
    --blocked_submits_;
  }
}

StatePtr Session::enqueue(StatePtr state, std::string_view function, std::string&& arguments,
                          const Outbox::Options& options) {
  const std::uint64_t counter = next_counter_++;
  state->counter = counter;
  table_.insert(counter, state);
  ++unfinished_;
  outbox_.append(counter, function, options, std::move(arguments));
  return state;
}

StatePtr Session::submit(std::string_view function, std::string&& arguments, const Outbox::Options& options) {
  StatePtr state = std::make_shared<FutureState>(shared_from_this());
  Effects effects;
  {
    Lock lock(mutex_);
    admit(lock, arguments.size());
    state = enqueue(std::move(state), function, std::move(arguments), options);
    plan(effects);
  }
  perform(effects);
  return state;
}

void Session::submit(std::string_view function, std::vector<std::string>& arguments, const Outbox::Options& options,
                     std::vector<StatePtr>& futures) {
  Effects effects;
  {
    Lock lock(mutex_);
    for (std::string& call : arguments) {
      // A full outbox empties only when what it holds is sent.
      if (!has_room(call.size())) {
        plan(effects);
        lock.unlock();
        perform(effects);
        effects = {};
        lock.lock();
      }
      admit(lock, call.size());
      futures.push_back(enqueue(std::make_shared<FutureState>(shared_from_this()), function, std::move(call), options));
    }
    plan(effects);
  }
  perform(effects);
}

StatePtr Session::attach(std::string id) {
  if (!is_future_id(id)) throw std::invalid_argument("\"" + id + "\" is no ID of a future");
  StatePtr state = std::make_shared<FutureState>(shared_from_this());
  Effects effects;
  {
    const Lock lock(mutex_);
    if (broken_) std::rethrow_exception(broken_->error());
    if (shut_down_) throw ShutdownError("cannot attach to futures after shutdown");
    state->counter = next_counter_++;
    state->set_attached(id);
    table_.insert(state->counter, state);
    attached_.emplace(state->counter, std::move(id));
    attaches_.push_back(state->counter);
    plan(effects);
  }
  perform(effects);
  return state;
}

std::string Session::id_of(const FutureState& future) const {
  return future.attached() ? future.attached_id() : id_.future(future.counter);
}

void Session::finish(StatePtr future, Status status, Effects& effects) {
  if (future->attached()) {
    attached_.erase(future->counter);
  } else {
    --unfinished_;
  }
  future->set_status(status);
  complete_watchers(*future, effects.signals);
  effects.changed |= unfinished_ == 0;
  if (!future->has_callbacks()) return;
  ++uncalled_;
  effects.callbacks.push_back(std::move(future));
}

void Session::break_future(StatePtr future, std::exception_ptr error, Effects& effects) {
  future->set_error(std::move(error));
  finish(std::move(future), Status::kBroken, effects);
}

void Session::break_all(Breakage breakage, Effects& effects) {
  broken_ = std::move(breakage);
  std::vector<StatePtr> lost;
  table_.for_each([&](const StatePtr& state) { lost.push_back(state); });
  for (StatePtr& state : lost) {
    table_.take(state->counter);
    break_future(std::move(state), broken_->error(), effects);
  }
  outbox_.clear(in_flight_);
  attaches_.clear();
  drop_cancels(effects);
  effects.cancelled = stream_;
  effects.changed = effects.window_opened = true;
}

bool Session::cancel_unsent(FutureState& future, Effects& effects) {
  const bool unsent = !future.attached() && future.counter >= outbox_.certain_from();
  if (!unsent || future.counter == outbox_.repeat()) return false;
  outbox_.withdraw(future.counter);
  finish(table_.take(future.counter), Status::kCancelled, effects);
  return true;
}

Session::CancelPtr Session::queue_cancel(std::vector<std::uint64_t> counters, v1::CancelMode mode, bool answered) {
  auto call = std::make_shared<CancelCall>();
  call->message.set_request(next_cancel_++);
  call->message.set_mode(mode);
  call->highest = counters.empty() ? next_counter_ - 1 : *std::max_element(counters.begin(), counters.end());
  call->message.set_all(counters.empty());
  call->message.mutable_counters()->Assign(counters.begin(), counters.end());
  if (answered) call->answered = std::make_shared<Signal>();
  cancels_.emplace(call->message.request(), call);
  return call;
}

void Session::drop_cancels(Effects& effects) {
  for (auto& [request, call] : cancels_) {
    if (call->answered) effects.signals.push_back(call->answered);
  }
  cancels_.clear();
}

bool Session::cancel(const StatePtr& future, v1::CancelMode mode, std::chrono::milliseconds grace) {
  CancelPtr call;
  Effects effects;
  {
    const Lock lock(mutex_);
    if (future->done()) return future->status() == Status::kCancelled;
    if (!cancel_unsent(*future, effects)) {
      call = queue_cancel({future->counter}, mode, true);
      if (grace > grace.zero()) *call->message.mutable_grace() = TimeUtil::MillisecondsToDuration(grace.count());
    }
    plan(effects);
  }
  perform(effects);
  if (!call) return true;

  call->answered->wait_until(Clock::now() + options_.cancel_timeout);
  const Lock lock(mutex_);
  cancels_.erase(call->message.request());
  return future->status() == Status::kCancelled || call->effect == v1::CANCEL_EFFECT_CANCELLED ||
         call->effect == v1::CANCEL_EFFECT_STOP_REQUESTED || call->effect == v1::CANCEL_EFFECT_STOP_ENFORCED;
}

void Session::cancel_pending(const std::vector<StatePtr>& futures) {
  Effects effects;
  {
    const Lock lock(mutex_);
    std::vector<std::uint64_t> counters;
    for (const StatePtr& future : futures) {
      if (!future->done() && !cancel_unsent(*future, effects)) counters.push_back(future->counter);
    }
    for (auto from = counters.begin(); from != counters.end();) {
      const auto to = from + std::min<std::ptrdiff_t>(kMaxCancelled, counters.end() - from);
      queue_cancel({from, to}, v1::CANCEL_MODE_PENDING, false);
      from = to;
    }
    plan(effects);
  }
  perform(effects);
}

Session::CancelPtr Session::cancel_all_pending(Effects& effects) {
  std::vector<StatePtr> unsent;
  table_.for_each([&](const StatePtr& state) {
    if (state->counter >= outbox_.certain_from()) unsent.push_back(state);
  });
  for (const StatePtr& state : unsent) cancel_unsent(*state, effects);
  return unfinished_ > 0 ? queue_cancel({}, v1::CANCEL_MODE_PENDING, true) : nullptr;
}

void Session::shutdown(bool wait, bool cancel_futures) {
  CancelPtr call;
  Effects effects;
  {
    const Lock lock(mutex_);
    shut_down_ = true;
    effects.window_opened = true;
    if (cancel_futures && !broken_) call = cancel_all_pending(effects);
    plan(effects);
  }
  perform(effects);
  // Without an answer in time it stays queued.
  if (call) call->answered->wait_until(Clock::now() + options_.cancel_timeout);
  if (!wait) return;
  Lock lock(mutex_);
  const bool in_callback = callback_thread_ && callback_thread_->is_current();
  changed_.wait(lock, [&] { return unfinished_ == 0 && (in_callback || uncalled_ == 0); });
}

void Session::end_workers(v1::EndWorkersMode mode) {
  const Administration daemon(connector_, {options_.cancel_timeout, options_.reconnect_timeout});
  const std::string executor = options_.executor.empty() ? daemon.default_executor() : options_.executor;
  // Else the successors of the workers would take what is pending.
  shutdown(false, true);
  daemon.end_workers(executor, mode);
}

void Session::close() {
  Effects effects;
  {
    const Lock lock(mutex_);
    closing_ = true;
    const auto others = std::exchange(attached_, {});
    for (const auto& [counter, id] : others) {
      break_future(table_.take(counter),
                   std::make_exception_ptr(BrokenExecutor("the executor that watched " + id + " is gone")), effects);
    }
    attaches_.clear();
    plan(effects);
  }
  perform(effects);
  const auto ended = [this] { return connections_ == 0; };
  Effects forced;
  Lock lock(mutex_);
  if (!changed_.wait_for(lock, kCloseTimeout, ended)) forced.cancelled = stream_;
  lock.unlock();
  perform(forced);
  lock.lock();
  changed_.wait_for(lock, kCloseTimeout, ended);
  lock.unlock();
  if (callback_thread_) callback_thread_->stop();
}

std::vector<LogLine> Session::logs_of(const FutureState& future) const {
  return read_logs(connector_, id_of(future), {options_.cancel_timeout, options_.reconnect_timeout});
}

void Session::add_callback(const StatePtr& future, Callback callback) {
  {
    const Lock lock(mutex_);
    if (!future->done()) {
      if (!callback_thread_) callback_thread_ = std::make_unique<CallbackThread>();
      future->extras().callbacks.push_back(std::move(callback));
      return;
    }
  }
  run_callback(callback, future);
}

}  // namespace futured::detail
