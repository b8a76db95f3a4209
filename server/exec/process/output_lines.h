// OutputLines: what a process writes, as lines of which there are not too many.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "server/core/clock.h"
#include "server/exec/line_limit.h"

namespace futured::exec {

// A line is cut at 8 KiB, and LineLimit says how many there may be. Not thread-safe.
class OutputLines {
 public:
  struct Sink {
    std::function<void(std::string_view line)> line;
    // So many lines were dropped before the next one, or before the end.
    std::function<void(std::size_t dropped)> dropped;
  };

  explicit OutputLines(Sink sink) : sink_(std::move(sink)) {}

  void take(std::string_view bytes, core::Time now);
  // Nothing more comes: what has no end is a line too.
  void end(core::Time now);

 private:
  void write_line(core::Time now);
  void tell_dropped();

  const Sink sink_;
  std::string line_;
  LineLimit limit_;
};

}  // namespace futured::exec
