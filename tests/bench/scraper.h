// Scraper: what Prometheus does to a daemon, but once a second.
#pragma once

#include <atomic>
#include <cstdint>
#include <stop_token>
#include <string>
#include <thread>

namespace futured::bench {

class Scraper {
 public:
  // `address`: "127.0.0.1:7071", of the HTTP listener.
  explicit Scraper(const std::string& address);

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
