// A span, for tests.
#pragma once

#include "server/core/span.h"

namespace futured::testing {

inline core::Span a_span(std::uint64_t id = 0x1122334455667788, core::Time begin = {}) {
  core::Span span;
  span.trace =
      core::SharedTrace(*core::parse_trace("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "vendor=1"));
  span.id = id;
  span.future = {0x0123456789ab8cde, 0x8f01000000000001};
  span.attempt = 2;
  span.begin = begin;
  span.end = begin + std::chrono::milliseconds(250);
  span.function = "math.is_prime";
  span.executor = "thread";
  span.worker = "thread-3";
  span.outcome = core::State::kSucceeded;
  return span;
}

}  // namespace futured::testing
