// A handle on a task that runs in the daemon.
#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "futured/codec.h"
#include "futured/errors.h"
#include "futured/news.h"
#include "futured/timeout.h"

namespace futured {

namespace detail {

class FutureState;
using StatePtr = std::shared_ptr<FutureState>;
// Makes the value of a future from its serialized futured.v1.Value. Throws when it does not fit.
using Decoder = std::shared_ptr<const void> (*)(const std::string& payload);
using Callback = std::function<void(const StatePtr&)>;
using ProgressCallback = std::function<void(const Progress&)>;
class FutureAccess;

template <class R>
std::shared_ptr<const void> decode_shared(const std::string& payload) {
  return std::make_shared<const R>(decode_value<R>(payload));
}

// Null for void: nothing to decode.
template <class R>
inline constexpr Decoder decoder_of = &decode_shared<R>;
template <>
inline constexpr Decoder decoder_of<void> = nullptr;

}  // namespace detail

// What all futures have in common, whatever they return.
//
// A handle: copies name the same future, and compare equal. Safe to use from many threads, also at once. It may outlive
// its Executor. Dropping all handles never cancels the task. A default-constructed one names no future and may only be
// assigned to, compared, and asked valid().
class FutureBase {
 public:
  FutureBase() noexcept = default;

  bool valid() const noexcept { return state_ != nullptr; }
  // It has an outcome: a value, an error, or cancelled. Never blocks.
  bool done() const noexcept;
  // It was cancelled. Never blocks.
  bool cancelled() const noexcept;
  // A worker has begun it and it is not done. Told by the daemon, a few milliseconds late. Never blocks.
  bool running() const noexcept;

  // Asks the daemon to cancel it, and waits for the answer: one round trip, at most `cancel_timeout` of the executor.
  // True: it is cancelled (by this call or an earlier one) and its function will never run. False: it runs or has
  // finished; or the daemon did not answer, and then it may still become cancelled later.
  bool cancel() const;
  // As cancel(), and asks a running function to stop by its stop token. True: it is cancelled or was asked. A function
  // that honours it ends the future as cancelled.
  bool request_stop() const;
  // As request_stop(), and what has not stopped within `grace` is killed, with every process that it started; then the
  // future is cancelled. It stays running until its process is gone. Only executors of kind "process" can kill: on one
  // of kind "thread" this is request_stop(). Throws std::invalid_argument when `grace` is negative or more than one
  // hour.
  bool kill(std::chrono::milliseconds grace = {}) const;

  // Calls `callback(progress)` when the function tells its progress: on the executor's callback thread, as done
  // callbacks, and none after the first of those. What was told meanwhile is told once, by its last. Without effect on
  // a future that is done.
  void add_progress_callback(std::function<void(const Progress&)> callback) const;
  // The lines that its attempts have logged so far, as far as the daemon keeps them. One round trip, at most
  // `cancel_timeout` of the executor, and `reconnect_timeout` for a daemon that is out of reach. The daemon keeps them
  // as long as the future itself: of one that was submitted here, and without CallOptions::retention, until its outcome
  // has arrived. Throws UnknownFuture, ConnectionLost, Refused.
  std::vector<LogLine> logs() const;

  // The future's UUID, by which any process can attach to it once the daemon has accepted the call: a moment after
  // submit(), or when the daemon is there again.
  std::string id() const;

  // By identity, so that a future can be a key.
  friend bool operator==(const FutureBase& a, const FutureBase& b) noexcept { return a.state_ == b.state_; }
  friend std::strong_ordering operator<=>(const FutureBase& a, const FutureBase& b) noexcept {
    return std::compare_three_way{}(a.state_.get(), b.state_.get());
  }
  std::size_t hash() const noexcept { return std::hash<detail::FutureState*>{}(state_.get()); }

 protected:
  explicit FutureBase(detail::StatePtr state) noexcept : state_(std::move(state)) {}

  // The value, decoded at the first call. Blocks and throws as Future::result().
  const void* value(Timeout timeout, detail::Decoder decoder) const;
  // What value() throws, or null. Throws when cancelled or out of time.
  std::exception_ptr error(Timeout timeout, detail::Decoder decoder) const;
  void call_when_done(detail::Callback callback) const;

 private:
  friend class detail::FutureAccess;
  void settle(Timeout timeout, detail::Decoder decoder) const;

  detail::StatePtr state_;
};

// A future whose function returns an R.
template <class R>
class Future : public FutureBase {
 public:
  using Value = R;

  Future() noexcept = default;

  // Waits for the outcome and returns the value: every call the same object, which lives as long as a handle does.
  // Throws
  //   TaskError       the function failed
  //   CancelledError  the future is cancelled
  //   TimeoutError    the time is up; nothing has changed
  //   BrokenExecutor  the outcome can never arrive, see errors.h
  //   Refused         the daemon could not accept the call
  //   CodecError      the value is not an R
  decltype(auto) result(Timeout timeout = {}) const& {
    const void* value = this->value(timeout, detail::decoder_of<R>);
    if constexpr (!std::is_void_v<R>) return *static_cast<const R*>(value);
  }
  // The same on a temporary handle: a copy, since the object may end with the handle.
  R result(Timeout timeout = {}) && { return std::as_const(*this).result(timeout); }

  // Waits for the outcome. Null when there is a value, else what result() throws: every call the same object.
  // Throws CancelledError, TimeoutError.
  std::exception_ptr exception(Timeout timeout = {}) const { return error(timeout, detail::decoder_of<R>); }

  // Calls `callback(future)` once, when the future is done: on the executor's callback thread, or at once in this
  // thread if it is done. Those of one future run in the order of adding. What it throws is reported to the executor's
  // `on_callback_error` and otherwise ignored. It may block, and delays only other callbacks by it.
  template <class F>
  void add_done_callback(F callback) const {
    call_when_done([callback = std::make_shared<F>(std::move(callback))](const detail::StatePtr& state) {
      (*callback)(Future(state));
    });
  }

  // Completes a Boost.Asio token with void(std::exception_ptr, R): `co_await future.async_result(asio::use_awaitable)`.
  // Defined in <futured/async.h>.
  template <class CompletionToken>
  auto async_result(CompletionToken&& token) const;

 private:
  friend class detail::FutureAccess;
  explicit Future(detail::StatePtr state) noexcept : FutureBase(std::move(state)) {}
};

namespace detail {

// The SDK's own way into a handle.
class FutureAccess {
 public:
  template <class F>
  static F make(StatePtr state) {
    return F(std::move(state));
  }
  static const StatePtr& state(const FutureBase& future) noexcept { return future.state_; }
};

}  // namespace detail

}  // namespace futured

template <class R>
struct std::hash<futured::Future<R>> {
  std::size_t operator()(const futured::Future<R>& future) const noexcept { return future.hash(); }
};
