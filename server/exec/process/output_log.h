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
#include "server/exec/process/unique_fd.h"

namespace futured::exec {

// On the io thread. Reads as fast as the worker writes, and drops what is too much: a line is cut at 8 KiB, and after
// 1,000 lines within a second the rest of that second is only counted.
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
  // Whether one more line is allowed in this second.
  bool may_write();
  void tell_dropped();

  const core::Clock& clock_;
  boost::asio::posix::stream_descriptor pipe_;
  const Sink sink_;
  char buffer_[16384];
  std::string line_;
  core::Time second_;
  std::size_t lines_ = 0;
  std::size_t dropped_ = 0;
};

}  // namespace futured::exec
