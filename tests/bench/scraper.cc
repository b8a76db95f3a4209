#include "tests/bench/scraper.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <string_view>

namespace futured::bench {
namespace {

constexpr std::string_view kRequest = "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
constexpr timeval kPatience{10, 0};

}  // namespace

std::optional<std::string> read_page(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return std::nullopt;
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof(kPatience));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string page;
  std::array<char, 65536> part{};
  ssize_t read = -1;
  if (connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&
      send(socket, kRequest.data(), kRequest.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(kRequest.size())) {
    while ((read = recv(socket, part.data(), part.size(), 0)) > 0) {
      page.append(part.data(), static_cast<std::size_t>(read));
    }
  }
  close(socket);
  if (read != 0) return std::nullopt;
  return page;
}

std::uint16_t port_in(const std::string& file) {
  std::string address;
  std::getline(std::ifstream(file), address);
  return static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
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
