#include "server/http/connection.h"

#include <sys/socket.h>

#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>
#include <cerrno>
#include <utility>

#include "server/http/error_json.h"

namespace futured::http {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace wire = boost::beast::http;
namespace {

constexpr unsigned kHttp11 = 11;
// How long what a client still sends is read after the last answer.
constexpr std::chrono::milliseconds kLinger{1000};
// What is read at once.
constexpr std::size_t kReadSize = 4096;
// Of a stream, in the kernel.
constexpr int kStreamBuffer = 32 << 10;
// Headers that handlers may look at.
constexpr std::string_view kHeaders[] = {"authorization", "traceparent",    "futured-timeout", "if-none-match",
                                         "origin",        "sec-fetch-site", "x-futured-token"};

// What a page of this daemon may load, and who may show it.
constexpr std::string_view kSecurity =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

std::string text_of(beast::string_view text) { return {text.data(), text.size()}; }

std::optional<std::string> header_of(const wire::request<wire::string_body>& message, beast::string_view name) {
  const auto found = message.find(name);
  if (found == message.end()) return std::nullopt;
  return text_of(found->value());
}

std::string peer_of(const Connection::Stream& stream) {
  boost::system::error_code error;
  const auto endpoint = stream.remote_endpoint(error);
  if (error) return "unknown";
  const std::string host = endpoint.address().to_string();
  const std::string port = std::to_string(endpoint.port());
  return endpoint.address().is_v6() ? "[" + host + "]:" + port : host + ":" + port;
}

template <class Body>
void set_head(wire::response<Body>& message, const Response& response) {
  message.set(wire::field::content_type, response.content_type);
  message.set(wire::field::cache_control, "no-store");
  message.set("X-Content-Type-Options", "nosniff");
  message.set("Referrer-Policy", "no-referrer");
  message.set("Content-Security-Policy", beast::string_view(kSecurity.data(), kSecurity.size()));
  message.set("Cross-Origin-Resource-Policy", "same-origin");
  for (const auto& [name, value] : response.headers) message.set(name, value);
}

}  // namespace

Connection::Connection(Stream stream, const Parts& parts, std::function<void(Connection*)> closed)
    : stream_(std::move(stream)),
      parts_(parts),
      closed_(std::move(closed)),
      peer_(peer_of(stream_)),
      timer_(stream_.get_executor()),
      buffer_(parts.limits.max_header_size + 2 * kReadSize) {}

Connection::~Connection() { give_back_budget(); }

void Connection::start() { wait_for_request(); }

void Connection::finish() {
  finishing_ = true;
  if (state_ == State::kIdle || state_ == State::kStreaming) close();
}

// --- Reading.

void Connection::wait_for_request() {
  state_ = State::kIdle;
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(parts_.limits.max_header_size));
  parser_->body_limit(parts_.limits.max_body_size);
  if (finishing_) return close();
  if (buffer_.size() > 0) return read_header();
  set_timer(parts_.limits.idle_timeout);
  stream_.async_read_some(buffer_.prepare(kReadSize),
                          [self = shared_from_this()](const Error& error, std::size_t bytes) {
                            if (error || self->state_ == State::kClosed) return self->close();
                            self->buffer_.commit(bytes);
                            self->read_header();
                          });
}

void Connection::read_header() {
  state_ = State::kReading;
  set_timer(parts_.limits.header_timeout);
  wire::async_read_header(stream_, buffer_, *parser_,
                          [self = shared_from_this()](const Error& error, std::size_t) { self->header_read(error); });
}

void Connection::header_read(const Error& error) {
  if (state_ == State::kClosed) return;
  if (error) return refuse(error);
  const auto& message = parser_->get();
  is_head_ = message.method() == wire::verb::head;
  const std::size_t size = parser_->content_length().value_or(parser_->chunked() ? parts_.limits.max_body_size : 0);
  if (!parts_.budget.take(size)) return refuse(503, "too many bytes of requests are under way; try again later");
  taken_ = size;
  set_timer(parts_.limits.body_timeout);
  if (!beast::iequals(message[wire::field::expect], "100-continue")) return read_body();
  piece_ = "HTTP/1.1 100 Continue\r\n\r\n";
  asio::async_write(stream_, asio::buffer(piece_), [self = shared_from_this()](const Error& failed, std::size_t) {
    if (failed || self->state_ == State::kClosed) return self->close();
    self->piece_.clear();
    self->read_body();
  });
}

void Connection::read_body() {
  wire::async_read(stream_, buffer_, *parser_,
                   [self = shared_from_this()](const Error& error, std::size_t) { self->body_read(error); });
}

void Connection::body_read(const Error& error) {
  if (state_ == State::kClosed) return;
  if (error) return refuse(error);
  timer_.cancel();
  handle();
}

void Connection::handle() {
  state_ = State::kHandling;
  auto message = parser_->release();
  keep_alive_ = message.keep_alive() && message.version() == kHttp11;
  Request request;
  request.method = text_of(message.method_string());
  const std::string target = text_of(message.target());
  const std::size_t question = target.find('?');
  request.path = target.substr(0, question);
  if (question != std::string::npos) request.query = target.substr(question + 1);
  request.host = header_of(message, "host");
  request.content_type = header_of(message, "content-type");
  for (const std::string_view name : kHeaders) {
    if (auto value = header_of(message, {name.data(), name.size()})) request.headers.emplace_back(name, *value);
  }
  request.body = std::move(message.body());
  watch_for_end();
  parts_.handler.handle(std::move(request), shared_from_this());
}

// --- Answering.

void Connection::refuse(unsigned status, std::string message) {
  keep_alive_ = false;
  state_ = State::kHandling;
  respond(error_response(status, std::move(message)));
}

void Connection::refuse(const Error& error) {
  if (error == wire::error::header_limit || error == wire::error::buffer_overflow) {
    return refuse(431, "the header is larger than " + std::to_string(parts_.limits.max_header_size) + " bytes");
  }
  if (error == wire::error::body_limit) {
    return refuse(413, "the body is larger than " + std::to_string(parts_.limits.max_body_size) + " bytes");
  }
  // Anything else of this category is what the client has sent; the rest is a connection that has gone.
  if (error.category() == wire::make_error_code(wire::error::bad_version).category() &&
      error != wire::error::end_of_stream && error != wire::error::partial_message) {
    return refuse(400, "this is no request in HTTP/1.1: " + error.message());
  }
  close();
}

void Connection::respond(Response response) {
  if (state_ != State::kHandling) return;
  state_ = State::kAnswering;
  gone_ = nullptr;
  give_back_budget();
  parts_.stats.update([&](HttpCounts& counts) { ++counts.requests[response.status]; });
  keep_alive_ = keep_alive_ && !finishing_;
  auto& message = response_.emplace(static_cast<wire::status>(response.status), kHttp11);
  set_head(message, response);
  message.keep_alive(keep_alive_);
  // These have no body by themselves.
  if (response.status != 204 && response.status != 304) message.content_length(response.body.size());
  if (!is_head_) message.body() = std::move(response.body);
  serializer_.emplace(message);
  set_timer(parts_.limits.write_timeout);
  const auto done = [self = shared_from_this()](const Error& error, std::size_t) { self->answered(error); };
  if (is_head_) {
    wire::async_write_header(stream_, *serializer_, done);
  } else {
    wire::async_write(stream_, *serializer_, done);
  }
}

void Connection::answered(const Error& error) {
  if (state_ == State::kClosed) return;
  if (error) return close();
  serializer_.reset();
  response_.reset();
  keep_alive_ ? wait_for_request() : linger();
}

void Connection::linger() {
  state_ = State::kLingering;
  Error ignored;
  stream_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  set_timer(kLinger);
  drain();
}

void Connection::drain() {
  stream_.async_read_some(asio::buffer(ignored_), [self = shared_from_this()](const Error& error, std::size_t) {
    if (error || self->state_ == State::kClosed) return self->close();
    self->drain();
  });
}

void Connection::begin_stream(Response head) {
  if (state_ != State::kHandling) return;
  state_ = State::kStreaming;
  give_back_budget();
  parts_.stats.update([&](HttpCounts& counts) { ++counts.requests[head.status]; });
  auto& message = response_.emplace(static_cast<wire::status>(head.status), kHttp11);
  set_head(message, head);
  message.keep_alive(false);
  serializer_.emplace(message);
  // So that a client that does not read is noticed soon.
  Error ignored;
  stream_.set_option(asio::socket_base::send_buffer_size(kStreamBuffer), ignored);
  writing_ = true;
  set_timer(parts_.limits.write_timeout);
  wire::async_write_header(stream_, *serializer_,
                           [self = shared_from_this(), body = std::move(head.body)](const Error& error, std::size_t) {
                             if (error || body.empty()) return self->piece_written(error);
                             self->writing_ = false;
                             self->write(body);
                           });
}

bool Connection::write(std::string piece) {
  if (state_ != State::kStreaming || writing_) return false;
  piece_ = std::move(piece);
  writing_ = true;
  set_timer(parts_.limits.write_timeout);
  asio::async_write(stream_, asio::buffer(piece_),
                    [self = shared_from_this()](const Error& error, std::size_t) { self->piece_written(error); });
  return true;
}

void Connection::piece_written(const Error& error) {
  if (error) return close();
  writing_ = false;
  timer_.cancel();
  if (const auto written = std::exchange(written_, nullptr)) written();
}

void Connection::when_written(std::function<void()> written) {
  if (state_ != State::kStreaming) return;
  if (!writing_) return written();
  written_ = std::move(written);
}

// --- Ending.

void Connection::close() {
  if (std::exchange(state_, State::kClosed) == State::kClosed) return;
  const auto self = shared_from_this();
  timer_.cancel();
  Error ignored;
  stream_.close(ignored);
  give_back_budget();
  written_ = nullptr;
  if (const auto gone = std::exchange(gone_, nullptr)) gone();
  closed_(this);
}

void Connection::when_gone(std::function<void()> gone) {
  if (state_ == State::kClosed) return gone();
  gone_ = std::move(gone);
}

// A client that goes while it waits ends its call.
void Connection::watch_for_end() {
  stream_.async_wait(Stream::wait_read, [self = shared_from_this()](const Error& error) {
    if (error || (self->state_ != State::kHandling && self->state_ != State::kStreaming)) return;
    if (self->has_ended()) self->close();
  });
}

// In order, or by a reset, which a client's kernel sends if it goes with something unread.
bool Connection::has_ended() {
  char next = 0;
  const ssize_t read = ::recv(stream_.native_handle(), &next, 1, MSG_PEEK | MSG_DONTWAIT);
  return read == 0 || (read < 0 && errno != EAGAIN && errno != EINTR);
}

void Connection::set_timer(std::chrono::milliseconds time) {
  timer_.expires_after(time);
  timer_.async_wait([weak = weak_from_this()](const Error& error) {
    const auto self = weak.lock();
    if (error || self == nullptr || self->timer_.expiry() > std::chrono::steady_clock::now()) return;
    self->close();
  });
}

void Connection::give_back_budget() { parts_.budget.give_back(std::exchange(taken_, 0)); }

}  // namespace futured::http
