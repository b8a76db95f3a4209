// The client's side of a pool of workers.
#pragma once

#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "futured/call_options.h"
#include "futured/credentials.h"
#include "futured/future.h"
#include "futured/map.h"
#include "futured/task.h"
#include "futured/zip.h"

namespace futured {

struct ExecutorOptions {
  // Name of the daemon's executor, UTF-8 text. Empty: the daemon's first.
  std::string executor = {};
  // How many tasks of this object may run at once; the daemon enforces it. At least 1. Unset: as many as it can.
  std::optional<int> max_workers = {};
  // How long the daemon may be out of reach before every unfinished future fails with ConnectionLost.
  std::chrono::milliseconds reconnect_timeout = std::chrono::seconds(60);
  // How long Future::cancel() and the like, shutdown() with `cancel_futures`, and terminate_workers() wait for an
  // answer of the daemon.
  std::chrono::milliseconds cancel_timeout = std::chrono::seconds(5);
  // Calls, and bytes of their arguments and options, that the daemon has not yet accepted. submit() blocks while one is
  // exceeded. They bound memory when the daemon is out of reach or full. Accepted calls don't count, however many are
  // waiting.
  std::size_t max_unaccepted = 100'000;
  std::size_t max_unaccepted_bytes = 64 << 20;
  // Receives what a done callback threw, on the thread that ran it. Unset: one line on stderr.
  std::function<void(std::exception_ptr)> on_callback_error = {};
  // How the daemon knows who is calling, and is known itself. Unset: by the environment, see there.
  Credentials credentials = {};
};

struct ShutdownOptions {
  // Cancel the calls that no worker has begun.
  bool cancel_futures = false;
};

namespace detail {

class Session;
struct EncodedOptions;

// Where calls go, and how. Cheap to copy.
struct Submission {
  StatePtr submit(std::string_view function, std::string arguments) const;
  // The calls are handed over together. Empties `arguments`.
  void submit(std::string_view function, std::vector<std::string>& arguments, std::vector<StatePtr>& futures) const;

  std::shared_ptr<Session> session;
  std::shared_ptr<const EncodedOptions> options;  // Null: all defaults.
};

// What an argument of a call by name travels as.
template <class A>
using Passed = std::conditional_t<std::is_convertible_v<A, std::string_view>, std::string, std::decay_t<A>>;

// Gives the next call's serialized arguments; false after the last.
using NextCall = std::function<bool(std::string&)>;
std::unique_ptr<MapCalls> start_map(const Submission& submission, std::string_view function, NextCall next_call,
                                    const MapOptions& options);

}  // namespace detail

// The calls of an Executor, under some options: what Executor::with() returns. Copies go to the same Executor, and may
// outlive it; then it is shut down for them. Safe from any thread.
class Submitter {
 public:
  // Calls a function, by a task declared for both sides: the arguments are converted to its parameters.
  // Returns without waiting for a worker; blocks only while the daemon does not accept (see `max_unaccepted`).
  // Throws ShutdownError after shutdown, BrokenExecutor or PermissionDenied once broken, and what the codec throws for
  // an argument (ArgumentError).
  template <class R, class... P, class... A>
  requires(sizeof...(P) == sizeof...(A) &&
           (detail::PassableAs<A, P> && ...)) Future<R> submit(const Task<R(P...)>& task, A&&... arguments)
  const { return future<R>(task.name(), encode_call<P...>(std::forward<A>(arguments)...)); }

  // By name: submit<bool>("math.is_prime", 97). Arguments are encoded as the types they have; literals as std::string.
  template <class R, class... A>
  Future<R> submit(std::string_view function, A&&... arguments) const {
    return future<R>(function, encode_call<detail::Passed<A>...>(std::forward<A>(arguments)...));
  }

  // By name, with serialized futured.v1.Arguments. An R of futured::v1::Value takes the result as it comes.
  template <class R>
  Future<R> submit_encoded(std::string_view function, std::string arguments) const {
    return future<R>(function, std::move(arguments));
  }

  // Calls a function with each item of a range, or with the items of several in parallel until the shortest ends.
  // Submits all calls before it returns, but for `buffersize`; what a range throws goes through, and the calls
  // submitted before still run. Throws as submit(), and std::invalid_argument for the options.
  //
  //   for (bool prime : executor.map(is_prime, numbers, {.timeout = 30s})) ...
  template <class R, class P, std::ranges::input_range Range>
  MapResults<R> map(const Task<R(P)>& task, Range&& range, const MapOptions& options = {}) const {
    return map_ranges<R, P>(task.name(), options, std::forward<Range>(range));
  }
  template <class R, class P, class Q, std::ranges::input_range First, std::ranges::input_range Second>
  MapResults<R> map(const Task<R(P, Q)>& task, First&& first, Second&& second, const MapOptions& options = {}) const {
    return map_ranges<R, P, Q>(task.name(), options, std::forward<First>(first), std::forward<Second>(second));
  }
  template <class R, class P, class Q, class S, std::ranges::input_range First, std::ranges::input_range Second,
            std::ranges::input_range Third>
  MapResults<R> map(const Task<R(P, Q, S)>& task, First&& first, Second&& second, Third&& third,
                    const MapOptions& options = {}) const {
    return map_ranges<R, P, Q, S>(task.name(), options, std::forward<First>(first), std::forward<Second>(second),
                                  std::forward<Third>(third));
  }
  // By name: map<bool>("math.is_prime", numbers).
  template <class R, std::ranges::input_range Range>
  MapResults<R> map(std::string_view function, Range&& range, const MapOptions& options = {}) const {
    return map_ranges<R, detail::Passed<std::ranges::range_value_t<Range>>>(function, options,
                                                                            std::forward<Range>(range));
  }

 protected:
  explicit Submitter(detail::Submission submission) noexcept : submission_(std::move(submission)) {}

  detail::Submission submission_;

 private:
  friend class Executor;

  template <class R>
  Future<R> future(std::string_view function, std::string arguments) const {
    return detail::FutureAccess::make<Future<R>>(submission_.submit(function, std::move(arguments)));
  }

  template <class R, class... P, class... Ranges>
  MapResults<R> map_ranges(std::string_view function, const MapOptions& options, Ranges&&... ranges) const {
    auto input = std::make_shared<detail::Zip<Ranges...>>(std::forward<Ranges>(ranges)...);
    const auto encode = [](auto&&... items) { return encode_call<P...>(std::forward<decltype(items)>(items)...); };
    return MapResults<R>(detail::start_map(
        submission_, function, [input, encode](std::string& arguments) { return input->next(arguments, encode); },
        options));
  }
};

// A client's pool of workers in the daemon: what concurrent.futures calls an Executor. The connection is its own; it is
// made when first needed, and again whenever it breaks, without a future being lost or a task run twice.
//
// Safe from any thread, but for moving and destroying. A moved-from one may only be assigned to or destroyed.
class Executor : public Submitter {
 public:
  // `address`: host:port, tls://host:port, unix:/path, or any gRPC target. A host alone has port 7070. Does not
  // connect. Throws std::invalid_argument for an address without a host or of a web page, when `max_workers` is below
  // 1, when `executor` is no UTF-8 text, and for credentials that cannot be used, with the name of the file at fault.
  explicit Executor(std::string address, ExecutorOptions options = {});
  // shutdown(true), then closes the connection.
  ~Executor();
  Executor(Executor&&) noexcept = default;
  Executor& operator=(Executor&& other) noexcept;
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  // The same executor with options for each call: executor.with({.timeout = 5s}).submit(...). What the daemon refuses
  // of them fails the futures with Refused. Throws std::invalid_argument when `retry.max_attempts` is below 1, and for
  // text that is no UTF-8, with the name of the option.
  Submitter with(const CallOptions& options) const;

  // Watches a future by its ID, of any session and process. One that the daemon does not know fails with UnknownFuture.
  // Throws std::invalid_argument when it is no ID, else as submit().
  template <class R>
  Future<R> attach(std::string id) const {
    return detail::FutureAccess::make<Future<R>>(attach_by_id(std::move(id)));
  }

  // Takes no more calls. Those submitted still run, unless `cancel_futures`, which cancels what no worker has begun:
  // when it returns, the daemon has done so, if it could be reached within `cancel_timeout`.
  // With `wait`, blocks until every future submitted here is done and its callbacks have run (called from a callback:
  // but for callbacks). With the daemon out of reach this takes at most `reconnect_timeout`. May be called again, with
  // other arguments. Attached futures are not waited for. The daemon's executor goes on.
  void shutdown(bool wait = true, ShutdownOptions options = {});

  // For administrators: shutdown(false, {.cancel_futures = true}), then ends all worker processes of the daemon's
  // executor: by SIGTERM, followed by SIGKILL after the executor's `kill_grace`, or by SIGKILL at once. What they had
  // begun, for other clients too, fails with a TaskError of origin kWorker; all else of other clients runs in new
  // workers. Returns when the signals are on their way. A single task is ended by its future's kill(). Throws Refused
  // when the executor is of kind "thread", which has no processes, BrokenExecutor when the daemon has no executor of
  // that name, ConnectionLost when it does not answer within `cancel_timeout` or is out of reach for
  // `reconnect_timeout`, Unauthenticated and PermissionDenied.
  void terminate_workers();
  void kill_workers();

  // The ID of the session: the futures' IDs are this one with the last group counted up.
  std::string session_id() const;

 private:
  detail::StatePtr attach_by_id(std::string id) const;
  void end() noexcept;
};

}  // namespace futured
