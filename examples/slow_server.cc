// A web server that takes its time: GET /delay/250 is answered after 250 ms. For the other examples to wait for.
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

// 250 ms for "/delay/250" and "/delay/250/name".
std::optional<std::chrono::milliseconds> delay_of(std::string_view target) {
  constexpr std::string_view kPrefix = "/delay/";
  constexpr unsigned kLongest = 60'000;
  if (!target.starts_with(kPrefix)) return std::nullopt;
  target.remove_prefix(kPrefix.size());
  unsigned milliseconds = 0;
  const auto [end, error] = std::from_chars(target.data(), target.data() + target.size(), milliseconds);
  const bool whole = end == target.data() + target.size() || *end == '/';
  if (error != std::errc() || !whole || milliseconds > kLongest) return std::nullopt;
  return std::chrono::milliseconds(milliseconds);
}

asio::awaitable<http::response<http::string_body>> answer(std::string target) {
  const auto delay = delay_of(target);
  http::response<http::string_body> response(delay ? http::status::ok : http::status::not_found, 11);
  response.set(http::field::content_type, "text/plain");
  response.keep_alive(false);
  if (delay) {
    asio::steady_timer timer(co_await asio::this_coro::executor, *delay);
    co_await timer.async_wait(asio::use_awaitable);
    response.body() = "waited " + std::to_string(delay->count()) + " ms\n";
  } else {
    response.body() = "there is only /delay/MILLISECONDS here\n";
  }
  response.prepare_payload();
  co_return response;
}

// One request and its answer. A client that goes away ends it.
asio::awaitable<void> serve(beast::tcp_stream stream) {
  try {
    beast::flat_buffer buffer;
    http::request<http::empty_body> request;
    stream.expires_after(std::chrono::seconds(10));
    co_await http::async_read(stream, buffer, request, asio::use_awaitable);
    const auto response = co_await answer(std::string(request.target()));
    stream.expires_after(std::chrono::seconds(10));
    co_await http::async_write(stream, response, asio::use_awaitable);
    stream.socket().shutdown(tcp::socket::shutdown_send);
  } catch (const boost::system::system_error&) {
  }
}

asio::awaitable<void> accept(tcp::acceptor& acceptor) {
  for (;;) {
    tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
    const auto executor = socket.get_executor();
    asio::co_spawn(executor, serve(beast::tcp_stream(std::move(socket))), asio::detached);
  }
}

// A connection is a descriptor, and the usual limit of 1024 is below what the other examples open.
void allow_many_connections() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

void run(unsigned short port, const std::string& port_file) {
  asio::io_context io;
  tcp::acceptor acceptor(io, {asio::ip::make_address_v4("127.0.0.1"), port});
  asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&io](const boost::system::error_code&, int) { io.stop(); });

  const std::string address = "127.0.0.1:" + std::to_string(acceptor.local_endpoint().port());
  std::printf("http://%s/delay/MILLISECONDS\n", address.c_str());
  std::fflush(stdout);
  if (!port_file.empty()) {
    // Readers wait for the file to appear, so it must appear whole.
    const std::string unfinished = port_file + ".new";
    std::ofstream(unfinished) << address << '\n';
    std::filesystem::rename(unfinished, port_file);
  }
  asio::co_spawn(io, accept(acceptor), [](const std::exception_ptr& error) {
    if (error) std::rethrow_exception(error);
  });
  io.run();
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App options("A web server that takes its time: GET /delay/250 is answered after 250 ms.");
  unsigned short port = 0;
  options.add_option("--port", port, "Where to listen on the loopback interface; 0: any free one");
  std::string port_file;
  options.add_option("--port-file", port_file, "Write the address that was bound into this file");
  CLI11_PARSE(options, argc, argv);
  allow_many_connections();
  try {
    run(port, port_file);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "slow_server: %s\n", error.what());
    return 1;
  }
}
