// HttpPost: sends one body after another to one place over HTTP/1.1, on a connection that it keeps.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/system/error_code.hpp>
#include <functional>
#include <string>
#include <tl/expected.hpp>

#include "server/core/clock.h"
#include "server/trace/endpoint.h"
#include "server/trace/headers.h"

namespace futured::trace {

// For one thread, but for hurry().
class HttpPost {
 public:
  HttpPost(Endpoint endpoint, Headers headers);

  // Blocks until there is an answer, whose status it returns, or the deadline. The failure says why there is none. A
  // connection that the other side has closed meanwhile is made anew.
  tl::expected<unsigned, std::string> post(const std::string& body, core::Time deadline);
  // All deadlines are this one, if they are later: what is being sent, too. From any thread.
  void hurry(core::Time deadline);

 private:
  using Error = boost::system::error_code;
  using Done = std::function<void(const Error&)>;

  tl::expected<unsigned, std::string> exchange(const std::string& body);
  Error connect();
  // Runs what `start` begins, which calls `done` at its end, until then or the deadline.
  Error await(const std::function<void(Done done)>& start);
  void close();
  core::Time deadline() const;

  const Endpoint endpoint_;
  const Headers headers_;
  boost::asio::io_context io_{1};
  boost::asio::ip::tcp::resolver resolver_{io_};
  boost::asio::ip::tcp::socket socket_{io_};
  boost::beast::flat_buffer buffer_;
  core::Time deadline_;
  std::atomic<core::Time> latest_ = core::Time::max();
};

}  // namespace futured::trace
