// Serving: whether the daemon takes work, and that health checks hear of it.
#pragma once

#include <grpcpp/server.h>

#include <atomic>

#include "server/core/future_table.h"
#include "server/core/mutex.h"
#include "server/log.h"

namespace futured::server {

// May be used from any thread.
class Serving {
 public:
  // Neither is owned.
  Serving(core::FutureTable& table, Logger& logger) : table_(table), logger_(logger) {}

  // From now on it serves, unless it drains; the health service of `grpc`, which must have one and is not owned, tells
  // so. Once.
  void begin(grpc::Server& grpc) FUTURED_EXCLUDES(mu_);
  // Has the table drain, and tells that nothing is served.
  void drain(core::Draining how) FUTURED_EXCLUDES(mu_);
  // Undoes it. False: the drain is for good.
  bool resume() FUTURED_EXCLUDES(mu_);
  // Nothing is served from now on, whatever else is said.
  void fail() FUTURED_EXCLUDES(mu_);

  // What was told last.
  bool now() const { return now_; }

 private:
  void tell() FUTURED_REQUIRES(mu_);

  core::FutureTable& table_;
  Logger& logger_;
  // Held while the table and the health service are told, so that both hear of drains and resumes in the same order.
  core::Mutex mu_;
  grpc::Server* grpc_ FUTURED_GUARDED_BY(mu_) = nullptr;
  bool failed_ FUTURED_GUARDED_BY(mu_) = false;
  std::atomic<bool> now_{false};
};

}  // namespace futured::server
