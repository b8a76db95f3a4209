// Scraper: what Prometheus does to a daemon, but once a second. read_page: what it finds there.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

namespace futured::bench {

// The page of metrics of an HTTP listener on this port of loopback, with its headers. Nothing: it could not be read to
// its end.
std::optional<std::string> read_page(std::uint16_t port);

// Of the address that a daemon has written to its http_port_file.
std::uint16_t port_in(const std::string& file);

class Scraper {
 public:
  // Of the HTTP listener.
  explicit Scraper(std::uint16_t port) : port_(port), thread_([this](const std::stop_token& stop) { run(stop); }) {}

  // Pages that were read to their end.
  std::uint64_t pages() const { return pages_; }

 private:
  void run(const std::stop_token& stop);

  const std::uint16_t port_;
  std::atomic<std::uint64_t> pages_{0};
  // Last, so that it ends first.
  std::jthread thread_;
};

}  // namespace futured::bench
