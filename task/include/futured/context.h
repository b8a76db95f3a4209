// Context: what a running function may know and do about its task.
#pragma once

#include <chrono>
#include <exception>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace futured {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// Thrown by a function that honours a request to stop: then its future is CANCELLED. Thrown unasked it is an error like
// any other.
class Cancelled : public std::exception {
 public:
  const char* what() const noexcept override { return "stopped on request"; }
};

// A function takes it as its first parameter, by reference. Belongs to the daemon or worker and is valid until the
// function returns; for use by the function's own thread or coroutine.
class Context {
 public:
  virtual ~Context() = default;

  // The future's UUID.
  virtual std::string id() const = 0;
  // From 1.
  virtual unsigned attempt() const = 0;
  // When the future will fail for want of time; nothing if the task has no timeout.
  virtual std::optional<std::chrono::steady_clock::time_point> deadline() const = 0;
  // Tells of a request to stop: a cooperative cancel, or the end of the timeout. Its callbacks run on another thread.
  virtual std::stop_token stop_token() = 0;
  // The same, cheaper to ask often.
  virtual bool stop_requested() const = 0;
  // Writes a line to the future's log, and to the daemon's with the future's ID. Cut at 8 KiB; after 1,000 lines within
  // a second the rest of that is only counted in the future's log. Bytes that are no UTF-8 become question marks there.
  virtual void log(LogLevel level, std::string_view text) = 0;
  // Tells how far the function is, from 0 to 1, and what it does. The last report is shown with the future while it
  // runs. Below 0 counts as 0, above 1 as 1; with NaN the call does nothing. Of the message the first 256 bytes are
  // kept, in whole characters; bytes that are no UTF-8 become question marks.
  // Cheap, to be called as often as is convenient: reports are handed on at most every 50 ms, the last one of a burst
  // within 100 ms. May be called from any thread, until the function returns.
  virtual void progress(double fraction, std::string_view message = {}) = 0;

  // Throws Cancelled if asked to stop.
  void throw_if_stop_requested() const {
    if (stop_requested()) throw Cancelled();
  }
};

}  // namespace futured
