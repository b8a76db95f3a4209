// Connection: one client's connection, and one request of it at a time. What it sends ahead waits in the kernel.
//
//   wait for the first byte › header › body › handler › answer › wait for the first byte …
//
// Each step has a time. A request that cannot be read is answered with why, and ends the connection.
#pragma once

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/http/http_stats.h"
#include "server/http/limits.h"
#include "server/http/message.h"

namespace futured::http {

// Bytes of requests that are held at once. Of the http thread.
class BodyBudget {
 public:
  explicit BodyBudget(std::size_t most) : most_(most) {}
  // False: there is no room, and somebody else holds some.
  bool take(std::size_t bytes) {
    if (used_ > 0 && used_ + bytes > most_) return false;
    used_ += bytes;
    return true;
  }
  void give_back(std::size_t bytes) { used_ -= bytes; }

 private:
  const std::size_t most_;
  std::size_t used_ = 0;
};

// Of the http thread. Kept alive by what it waits for.
class Connection final : public Client, public std::enable_shared_from_this<Connection> {
 public:
  // What is said over: chosen when a connection is accepted.
  using Stream = boost::asio::ip::tcp::socket;
  // Not owned; they outlive the connection.
  struct Parts {
    const Limits& limits;
    Handler& handler;
    BodyBudget& budget;
    HttpStats& stats;
  };

  // `closed` is called once, at the end.
  Connection(Stream stream, const Parts& parts, std::function<void(Connection*)> closed);
  ~Connection() override;

  void start();
  // Ends when the answer that is due has been sent; at once where none is, or it has no end.
  void finish();

  const std::string& peer() const override { return peer_; }
  void respond(Response response) override;
  void begin_stream(Response head) override;
  bool write(std::string piece) override;
  void when_written(std::function<void()> written) override;
  void close() override;
  void when_gone(std::function<void()> gone) override;

 private:
  enum class State { kIdle, kReading, kHandling, kAnswering, kStreaming, kLingering, kClosed };
  using Error = boost::system::error_code;
  using Body = boost::beast::http::string_body;

  void wait_for_request();
  void read_header();
  void header_read(const Error& error);
  void read_body();
  void body_read(const Error& error);
  void handle();
  // Answers what could not be read, and ends.
  void refuse(unsigned status, std::string message);
  void refuse(const Error& error);
  void answered(const Error& error);
  void piece_written(const Error& error);
  // Lets the answer arrive before what the client still sends breaks the connection.
  void linger();
  void drain();
  void watch_for_end();
  bool has_ended();
  void set_timer(std::chrono::milliseconds time);
  void give_back_budget();

  Stream stream_;
  const Parts parts_;
  std::function<void(Connection*)> closed_;
  std::string peer_;
  boost::asio::steady_timer timer_;
  boost::beast::flat_buffer buffer_;
  State state_ = State::kIdle;
  // Made anew for each request.
  std::optional<boost::beast::http::request_parser<Body>> parser_;
  std::optional<boost::beast::http::response<Body>> response_;
  std::optional<boost::beast::http::response_serializer<Body>> serializer_;
  bool is_head_ = false;
  bool keep_alive_ = true;
  bool finishing_ = false;
  std::size_t taken_ = 0;
  // Of a stream: what is being written.
  std::string piece_;
  bool writing_ = false;
  std::array<char, 4096> ignored_{};
  std::function<void()> gone_;
  std::function<void()> written_;
};

}  // namespace futured::http
