#include "server/trace/http_post.h"

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/http.hpp>
#include <memory>
#include <optional>
#include <utility>

namespace futured::trace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

namespace {

// What is read of an answer, of which the status is all that matters.
constexpr std::uint64_t kLargestAnswer = 64 << 10;

}  // namespace

HttpPost::HttpPost(Endpoint endpoint, Headers headers) : endpoint_(std::move(endpoint)), headers_(std::move(headers)) {}

tl::expected<unsigned, std::string> HttpPost::post(const std::string& body, core::Time deadline) {
  deadline_ = deadline;
  const bool was_open = socket_.is_open();
  auto answer = exchange(body);
  if (!answer && was_open) answer = exchange(body);
  return answer;
}

void HttpPost::hurry(core::Time deadline) {
  latest_ = deadline;
  // Wakes await(), which looks at the time again.
  asio::post(io_, [] {});
}

tl::expected<unsigned, std::string> HttpPost::exchange(const std::string& body) {
  const auto fail = [&](const char* what, const Error& error) {
    close();
    return tl::unexpected(std::string(what).append(endpoint_.authority()).append(": ").append(error.message()));
  };
  if (!socket_.is_open()) {
    if (const Error error = connect()) return fail("no connection to ", error);
  }
  // Kept by what is under way, which may end after its deadline.
  const auto request = std::make_shared<http::request<http::string_body>>(http::verb::post, endpoint_.target, 11);
  request->set(http::field::host, endpoint_.authority());
  request->set(http::field::content_type, "application/json");
  request->set(http::field::user_agent, "futured");
  for (const auto& [name, value] : headers_) request->set(name, value);
  request->body() = body;
  request->prepare_payload();
  Error error = await([&](Done done) {
    http::async_write(socket_, *request, [request, done = std::move(done)](const Error& e, std::size_t) { done(e); });
  });
  if (error) return fail("cannot send to ", error);

  const auto answer = std::make_shared<http::response_parser<http::string_body>>();
  answer->body_limit(kLargestAnswer);
  error = await([&](Done done) {
    http::async_read(socket_, buffer_, *answer,
                     [answer, done = std::move(done)](const Error& e, std::size_t) { done(e); });
  });
  if (error) return fail("no answer from ", error);
  if (!answer->get().keep_alive()) close();
  return answer->get().result_int();
}

HttpPost::Error HttpPost::connect() {
  const auto found = std::make_shared<tcp::resolver::results_type>();
  Error error = await([&](Done done) {
    resolver_.async_resolve(endpoint_.host, endpoint_.port,
                            [found, done = std::move(done)](const Error& e, const tcp::resolver::results_type& all) {
                              *found = all;
                              done(e);
                            });
  });
  if (error) return error;
  error = await([&](Done done) {
    asio::async_connect(socket_, *found,
                        [found, done = std::move(done)](const Error& e, const tcp::endpoint&) { done(e); });
  });
  if (error) return error;
  socket_.set_option(tcp::no_delay(true), error);
  return {};
}

HttpPost::Error HttpPost::await(const std::function<void(Done done)>& start) {
  const auto result = std::make_shared<std::optional<Error>>();
  io_.restart();
  start([result](const Error& error) { *result = error; });
  while (!*result && std::chrono::steady_clock::now() < deadline()) io_.run_one_until(deadline());
  if (*result) return **result;
  resolver_.cancel();
  close();
  // What was under way on the socket ends at once; a look-up of a name when it does.
  io_.restart();
  io_.poll();
  return asio::error::timed_out;
}

void HttpPost::close() {
  Error ignored;
  socket_.close(ignored);
  buffer_.clear();
}

core::Time HttpPost::deadline() const { return std::min(deadline_, latest_.load()); }

}  // namespace futured::trace
