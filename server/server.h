// Server: the daemon's parts, the order in which they start, and how they end.
//
//   starts   store, plugins, executors, what survived, services, gRPC, listener
//   ends     new work is refused · what is pending and not stored is cancelled · running finishes, within the grace ·
//            outcomes are delivered · waiting calls, streams and backups end · gRPC · executors · timekeeper · store
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <tl/expected.hpp>

#include "server/core/clock.h"
#include "server/log.h"
#include "server/options.h"

namespace futured::server {

class Server {
 public:
  // Why the process should end. Both are called from any thread, and must not block.
  struct Ends {
    // The store has failed: nothing is acknowledged any more, and the next process recovers. At most once.
    std::function<void()> failed;
    // An operator has asked for stop(). Possibly several times.
    std::function<void()> asked;
  };
  // `options` is copied; the logger is not owned.
  Server(Options options, Logger& logger, Ends ends);
  // REQUIRES: stopped, or never started.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Returns when clients are served. The failure is a text for people: a plugin that cannot be loaded, an address that
  // cannot be bound. Once.
  tl::expected<void, std::string> start();
  // "127.0.0.1:7070", with the port that was bound; the first of several. REQUIRES: started.
  const std::string& address() const;
  // Reads certificates, identities and tokens again, and opens the audit log again; see access.h. REQUIRES: started.
  void reload();
  // Health checks hear that nothing is served any more. REQUIRES: started.
  void tell_that_it_failed();
  // Drains and ends everything. True: all running tasks finished within the grace. False: some did not, and their
  // threads are still inside them, so the process must end without destroying this object. Once; on a thread that
  // serves nothing.
  bool stop(std::chrono::nanoseconds grace);

 private:
  struct Parts;

  tl::expected<void, std::string> start_parts();

  const Options options_;
  const core::SystemClock clock_;
  Logger& logger_;
  const Ends ends_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace futured::server
