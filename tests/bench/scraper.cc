#include "tests/bench/scraper.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <string_view>

#include "tests/bench/http_socket.h"

namespace futured::bench {
namespace {

constexpr std::string_view kRequest = "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
constexpr std::chrono::milliseconds kPatience{10'000};

}  // namespace

std::optional<std::string> read_page(std::uint16_t port) {
  const int socket = ask_by_http(port, kRequest, kPatience);
  if (socket < 0) return std::nullopt;
  std::string page;
  std::array<char, 65536> part{};
  ssize_t read = -1;
  while ((read = recv(socket, part.data(), part.size(), 0)) > 0)
    page.append(part.data(), static_cast<std::size_t>(read));
  close(socket);
  if (read != 0) return std::nullopt;
  return page;
}

std::uint16_t port_in(const std::string& file) {
  std::string address;
  std::getline(std::ifstream(file), address);
  return port_of(address);
}

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
