// Listener: what an open dashboard does to a daemon: it reads a page of server-sent events as they come.
#pragma once

#include <atomic>
#include <cstdint>
#include <stop_token>
#include <string>
#include <thread>

namespace futured::bench {

class Listener {
 public:
  // `address`: "127.0.0.1:7071", of the HTTP listener; `path`: "/v1/tasks".
  Listener(const std::string& address, const std::string& path);

  // Events that have come.
  std::uint64_t events() const { return events_; }

 private:
  void run(const std::stop_token& stop, std::uint16_t port, const std::string& path);

  std::atomic<std::uint64_t> events_{0};
  // Last, so that it ends first.
  std::jthread thread_;
};

}  // namespace futured::bench
