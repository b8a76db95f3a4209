#include "tests/bench/scraper.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string_view>

#include "tests/bench/http_socket.h"

namespace futured::bench {
namespace {

constexpr std::string_view kRequest = "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
constexpr std::chrono::milliseconds kPatience{10'000};

// False: it could not be read to its end.
bool read_page(std::uint16_t port) {
  const int socket = ask_by_http(port, kRequest, kPatience);
  if (socket < 0) return false;
  std::array<char, 65536> page{};
  ssize_t read = -1;
  do {
    read = recv(socket, page.data(), page.size(), 0);
  } while (read > 0);
  close(socket);
  return read == 0;
}

}  // namespace

Scraper::Scraper(const std::string& address)
    : port_(port_of(address)), thread_([this](const std::stop_token& stop) { run(stop); }) {}

void Scraper::run(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  while (!stop.stop_requested()) {
    if (read_page(port_)) ++pages_;
    changed.wait_for(lock, stop, std::chrono::seconds(1), [] { return false; });
  }
}

}  // namespace futured::bench
