// FunctionLatencies: how long calls of a function waited and ran, since the daemon started.
#pragma once

#include <cstdint>
#include <string_view>

#include "server/core/clock.h"
#include "server/core/histogram.h"
#include "server/core/ids.h"

namespace futured::core {

struct FunctionLatencies {
  FunctionLatencies(ExecutorIndex the_executor, std::string_view the_function)
      : executor(the_executor), function(the_function) {}

  ExecutorIndex executor;
  // Of one that the executor knows. Empty: all others together, so that made-up names cost nothing.
  std::string_view function;
  // From when an attempt might have begun until it did; from there to its end. Of attempts that have ended.
  TimeHistogram queued;
  TimeHistogram ran;

  void observe(Time ready, Time started, Time finished) {
    queued.add(nanoseconds(started - ready));
    ran.add(nanoseconds(finished - started));
  }

 private:
  // What another process tells of a time may be off.
  static std::uint64_t nanoseconds(Duration duration) {
    return duration.count() < 0 ? 0 : static_cast<std::uint64_t>(duration.count());
  }
};

}  // namespace futured::core
