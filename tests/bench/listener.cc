#include "tests/bench/listener.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "tests/bench/http_socket.h"

namespace futured::bench {
namespace {

// How soon it sees that it is to end.
constexpr std::chrono::milliseconds kPatience{100};

}  // namespace

Listener::Listener(const std::string& address, const std::string& path)
    : thread_([this, port = port_of(address), path](const std::stop_token& stop) { run(stop, port, path); }) {}

void Listener::run(const std::stop_token& stop, std::uint16_t port, const std::string& path) {
  const int socket = ask_by_http(port, "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n", kPatience);
  if (socket < 0) return;
  std::array<char, 65536> piece{};
  char last = 0;
  while (!stop.stop_requested()) {
    const ssize_t read = recv(socket, piece.data(), piece.size(), 0);
    if (read == 0) break;
    // An empty line ends an event.
    for (const char c : std::string_view(piece.data(), static_cast<std::size_t>(std::max<ssize_t>(read, 0)))) {
      if (c == '\n' && last == '\n') ++events_;
      last = c;
    }
  }
  close(socket);
}

}  // namespace futured::bench
