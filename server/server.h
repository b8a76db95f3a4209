// Server: the daemon's parts, the order in which they start, and how they end.
//
//   starts   plugins, table, executors, services, gRPC, listener
//   ends     new work is refused · pending is cancelled · running finishes, within the grace · outcomes are delivered ·
//            waiting calls and streams end · gRPC · executors · timekeeper
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <tl/expected.hpp>

#include "server/log.h"
#include "server/options.h"

namespace futured::server {

class Server {
 public:
  // `options` is copied; the logger is not owned.
  Server(const Options& options, Logger& logger);
  // REQUIRES: stopped, or never started.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Returns when clients are served. The failure is a text for people: a plugin that cannot be loaded, an address that
  // cannot be bound. Once.
  tl::expected<void, std::string> start();
  // "127.0.0.1:7070", with the port that was bound. REQUIRES: started.
  const std::string& address() const;
  // Drains and ends everything. True: all running tasks finished within the grace. False: some did not, and their
  // threads are still inside them, so the process must end without destroying this object. Once; on a thread that
  // serves nothing.
  bool stop(std::chrono::nanoseconds grace);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace futured::server
