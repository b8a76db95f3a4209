// Collector: an HTTP server on a free port of loopback that keeps what it is sent, and answers as it is told.
#pragma once

#include <sys/socket.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "server/trace/endpoint.h"
#include "tests/support/eventually.h"

namespace futured::testing {

// Takes one connection after another. May be used from any thread.
class Collector {
 public:
  using Request = boost::beast::http::request<boost::beast::http::string_body>;

  // Without `keeps` it only counts.
  explicit Collector(bool keeps = true) : keeps_(keeps), thread_([this] { serve(); }) {}
  ~Collector() { stop(); }
  Collector(const Collector&) = delete;
  Collector& operator=(const Collector&) = delete;

  trace::Endpoint endpoint() const { return {"127.0.0.1", std::to_string(port_), "/v1/traces"}; }
  // The next answers; afterwards each is 200. 0: the connection is closed instead; -1: there is no answer.
  void answer(std::vector<int> answers) {
    const std::lock_guard lock(mutex_);
    answers_.assign(answers.begin(), answers.end());
  }
  // Waits until so many requests have come, and returns them all.
  std::vector<Request> requests(std::size_t count) const {
    eventually([&] { return seen() >= count; });
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  std::size_t seen() const {
    const std::lock_guard lock(mutex_);
    return seen_;
  }
  std::size_t connections() const {
    const std::lock_guard lock(mutex_);
    return connections_;
  }
  void stop() {
    ::shutdown(acceptor_.native_handle(), SHUT_RDWR);
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
      if (peer_ >= 0) ::shutdown(peer_, SHUT_RDWR);
    }
    if (thread_.joinable()) thread_.join();
    boost::system::error_code ignored;
    acceptor_.close(ignored);
  }

 private:
  using Tcp = boost::asio::ip::tcp;

  void serve() {
    for (;;) {
      boost::system::error_code error;
      Tcp::socket socket(io_);
      acceptor_.accept(socket, error);
      if (error) return;
      {
        const std::lock_guard lock(mutex_);
        if (stopped_) return;
        ++connections_;
        peer_ = socket.native_handle();
      }
      talk(socket);
      const std::lock_guard lock(mutex_);
      peer_ = -1;
    }
  }

  void talk(Tcp::socket& socket) {
    namespace http = boost::beast::http;
    boost::beast::flat_buffer buffer;
    for (;;) {
      boost::system::error_code error;
      Request request;
      http::read(socket, buffer, request, error);
      if (error) return;
      const int status = take(std::move(request));
      if (status == 0) return;
      if (status < 0) continue;
      http::response<http::string_body> response(static_cast<http::status>(status), 11);
      response.body() = "{}";
      response.prepare_payload();
      http::write(socket, response, error);
      if (error) return;
    }
  }

  int take(Request request) {
    const std::lock_guard lock(mutex_);
    ++seen_;
    if (keeps_) requests_.push_back(std::move(request));
    if (answers_.empty()) return 200;
    const int status = answers_.front();
    answers_.pop_front();
    return status;
  }

  boost::asio::io_context io_;
  Tcp::acceptor acceptor_{io_, Tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)};
  const unsigned port_ = acceptor_.local_endpoint().port();
  const bool keeps_;
  mutable std::mutex mutex_;
  std::size_t seen_ = 0;
  std::vector<Request> requests_;
  std::deque<int> answers_;
  std::size_t connections_ = 0;
  int peer_ = -1;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace futured::testing
