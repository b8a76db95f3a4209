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
#include "server/exec/process/output_lines.h"
#include "server/exec/process/unique_fd.h"

namespace futured::exec {

// On the io thread. Reads as fast as the worker writes, and drops what is too much, see OutputLines.
class OutputLog : public std::enable_shared_from_this<OutputLog> {
 public:
  using Sink = std::function<void(std::string_view line)>;

  // `pipe` is the end to read. Goes on until everybody who can write there is gone.
  static void start(boost::asio::io_context& io, const core::Clock& clock, UniqueFd pipe, const Sink& sink);

  OutputLog(boost::asio::io_context& io, const core::Clock& clock, UniqueFd pipe, const Sink& sink)
      : clock_(clock),
        pipe_(io, pipe.release()),
        lines_({sink, [sink](std::size_t dropped) { sink("(" + std::to_string(dropped) + " lines were dropped)"); }}) {}

 private:
  void read();

  const core::Clock& clock_;
  boost::asio::posix::stream_descriptor pipe_;
  OutputLines lines_;
  char buffer_[16384];
};

}  // namespace futured::exec
