// OutputLog: what a worker process writes to its standard output and error, line by line into the daemon's log.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "server/core/clock.h"
#include "server/exec/process/line_limit.h"
#include "server/exec/process/unique_fd.h"

namespace futured::exec {

// On the io thread. Reads as fast as the worker writes, and drops what is too much: a line is cut at 8 KiB, and
// LineLimit says how many there may be.
class OutputLog : public std::enable_shared_from_this<OutputLog> {
 public:
  using Sink = std::function<void(std::string_view line)>;

  // `pipe` is the end to read. Goes on until everybody who can write there is gone.
  static void start(boost::asio::io_context& io, const core::Clock& clock, UniqueFd pipe, Sink sink);

  OutputLog(boost::asio::io_context& io, const core::Clock& clock, UniqueFd pipe, Sink sink)
      : clock_(clock), pipe_(io, pipe.release()), sink_(std::move(sink)) {}

 private:
  void read();
  void take(std::string_view bytes);
  void write_line();
  void tell_dropped();

  const core::Clock& clock_;
  boost::asio::posix::stream_descriptor pipe_;
  const Sink sink_;
  char buffer_[16384];
  std::string line_;
  LineLimit limit_;
};

}  // namespace futured::exec
