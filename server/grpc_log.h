// GrpcLog: what gRPC says goes to the log of the daemon.
//
// By itself it writes to standard error, from its own threads: one that nobody reads would stop them all.
#pragma once

#include "server/log.h"

namespace futured::server {

// One at a time. The logger must outlive it; what gRPC says before and after is lost.
class GrpcLog {
 public:
  explicit GrpcLog(Logger& logger);
  ~GrpcLog();
  GrpcLog(const GrpcLog&) = delete;
  GrpcLog& operator=(const GrpcLog&) = delete;
};

}  // namespace futured::server
