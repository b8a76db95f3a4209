// A daemon in this process, with functions that the tests control.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "futured/futured.h"
#include "tests/support/session_server.h"

namespace futured::testing {

inline constexpr Task<std::string(std::string)> echo{"test.echo"};
inline constexpr Task<std::int64_t(std::int64_t)> square{"test.square"};
inline constexpr Task<std::int64_t(std::int64_t, std::int64_t)> add{"test.add"};
inline constexpr Task<std::int64_t(std::int64_t, std::int64_t, std::int64_t)> add3{"test.add3"};
// "traceparent tracestate", as it was told.
inline constexpr Task<std::string()> trace{"test.trace"};
inline constexpr Task<void()> nothing{"test.nothing"};
// Throws std::out_of_range for this very number, else returns it.
inline constexpr Task<std::int64_t(std::int64_t, std::int64_t)> fail_at{"test.fail_at"};
inline constexpr Task<void(std::string)> fail{"test.fail"};
// Throws a std::runtime_error because of a std::out_of_range.
inline constexpr Task<void()> fail_nested{"test.fail_nested"};
// Throws the SDK's own error types.
inline constexpr Task<void()> fail_by_timeout{"test.fail_by_timeout"};
inline constexpr Task<void()> fail_by_cancelled{"test.fail_by_cancelled"};
// Waits until the daemon's gate is open, and returns its argument.
inline constexpr Task<std::int64_t(std::int64_t)> pass_gate{"test.pass_gate"};
// The same, but for 0, which it returns at once.
inline constexpr Task<std::int64_t(std::int64_t)> pass_gate_unless_zero{"test.pass_gate_unless_zero"};
// The same, but throws std::out_of_range for 0.
inline constexpr Task<std::int64_t(std::int64_t)> fail_if_zero_else_pass_gate{"test.fail_if_zero_else_pass_gate"};
// Tells this progress, logs the text as a warning, passes the gate, and logs it again.
inline constexpr Task<void(double, std::string)> tell{"test.tell"};
// Waits until it is asked to stop.
inline constexpr Task<void()> wait_for_stop{"test.wait_for_stop"};

// Holds functions back. Waits end by themselves after 20 seconds.
class Gate {
 public:
  void open();
  // Called by functions.
  void pass();
  // Waits until so many functions have come to the gate.
  bool wait_for_arrivals(int count);
  int arrivals();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  int arrivals_ = 0;
};

// The session service of the daemon on a free port, with one thread executor "thread" of four workers.
class Daemon {
 public:
  explicit Daemon(core::Limits limits = {});
  ~Daemon() { gate.open(); }

  std::string address() const { return server_.address(); }
  // How many functions have been called in all.
  int calls();
  // The arguments of test.echo, in the order of the calls.
  std::vector<std::string> echoed();
  // How many futures are pending or running.
  std::uint64_t unfinished() { return server_.table().stats().unfinished; }

  Gate gate;

 private:
  Registry make_registry();

  std::mutex mutex_;
  int calls_ = 0;
  std::vector<std::string> echoed_;
  const Registry registry_ = make_registry();
  SessionServer server_;
};

}  // namespace futured::testing
