// What the client asks of the daemon's executors.
#pragma once

#include <chrono>
#include <string>

#include "connector.h"
#include "futured/v1/executor_service.grpc.pb.h"

namespace futured::detail {

// Calls of the daemon's ExecutorService, on connections of their own. Each blocks: for `call_timeout` until it is
// answered, and while the daemon is out of reach for `reconnect_timeout`. They throw ConnectionLost when the daemon
// does not answer, BrokenExecutor when it has no such executor, Unauthenticated, and else Refused.
class Administration {
 public:
  struct Timeouts {
    std::chrono::milliseconds call;
    std::chrono::milliseconds reconnect;
  };
  // The connector is not owned. Throws Unauthenticated when the credentials cannot be read.
  Administration(const Connector& connector, const Timeouts& timeouts);

  std::string default_executor() const;
  // When the daemon goes before it has answered, the workers of the next one are ended, too.
  void end_workers(const std::string& executor, v1::EndWorkersMode mode) const;

 private:
  template <class Request, class Response>
  Response call(grpc::Status (v1::ExecutorService::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                const Request& request) const;

  const Connector& connector_;
  const Timeouts timeouts_;
};

}  // namespace futured::detail
