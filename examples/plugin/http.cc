#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <future>
#include <stdexcept>
#include <stop_token>
#include <utility>

#include "examples/plugin/functions.h"
#include "examples/plugin/url.h"

namespace examples {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

namespace {

constexpr std::chrono::seconds kTimeout{30};
constexpr std::uint64_t kMaxBody = 1 << 20;

// Throws the error of a request as one that names the URL, but for the end of a wait that was asked to stop.
[[noreturn]] void fail(const std::string& url, const char* step, const boost::system::system_error& error) {
  if (error.code() == asio::error::operation_aborted) throw error;
  const std::string reason =
      error.code() == http::error::body_limit ? "it has more than 1 MiB" : error.code().message();
  throw std::runtime_error(url + ": " + step + ": " + reason);
}

http::request<http::empty_body> request_of(const HttpUrl& url) {
  http::request<http::empty_body> request(http::verb::get, url.target, 11);
  request.set(http::field::host, url.authority);
  request.set(http::field::user_agent, "futured");
  request.keep_alive(false);
  return request;
}

asio::awaitable<Page> read_page(beast::tcp_stream& stream) {
  http::response_parser<http::string_body> parser;
  parser.body_limit(kMaxBody);
  beast::flat_buffer buffer;
  co_await http::async_read(stream, buffer, parser, asio::use_awaitable);
  auto& response = parser.get();
  co_return Page{static_cast<int>(response.result_int()),
                 std::string(response[http::field::content_type]),
                 {std::move(response.body())}};
}

}  // namespace

asio::awaitable<Page> get(std::string text) {
  const HttpUrl url = parse_http_url(text);
  const auto executor = co_await asio::this_coro::executor;
  const char* step = "cannot find the host";
  try {
    asio::ip::tcp::resolver resolver(executor);
    const auto endpoints = co_await resolver.async_resolve(url.host, url.port, asio::use_awaitable);

    step = "cannot connect";
    beast::tcp_stream stream(executor);
    stream.expires_after(kTimeout);
    co_await stream.async_connect(endpoints, asio::use_awaitable);

    step = "cannot send the request";
    const auto request = request_of(url);
    co_await http::async_write(stream, request, asio::use_awaitable);

    step = "cannot read the page";
    co_return co_await read_page(stream);
  } catch (const boost::system::system_error& error) {
    fail(text, step, error);
  }
}

Page get_blocking(futured::Context& context, std::string url) {
  asio::io_context io;
  const std::stop_callback on_stop(context.stop_token(), [&io] { io.stop(); });
  std::future<Page> page = asio::co_spawn(io, get(std::move(url)), asio::use_future);
  io.run();
  context.throw_if_stop_requested();
  return page.get();
}

}  // namespace examples
