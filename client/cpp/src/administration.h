// What the client asks of the daemon's executors.
#pragma once

#include <chrono>
#include <string>

#include "connector.h"
#include "futured/v1/executor_service.grpc.pb.h"

namespace futured::detail {

// Calls of the daemon's ExecutorService, on a connection of their own. Each blocks, at most for the timeout. They throw
// ConnectionLost when the daemon does not answer, BrokenExecutor when it has no such executor, Unauthenticated, and
// else Refused.
class Administration {
 public:
  // Throws Unauthenticated when the credentials cannot be read.
  Administration(const Connector& connector, std::chrono::milliseconds timeout);

  std::string default_executor();
  void end_workers(const std::string& executor, v1::EndWorkersMode mode);

 private:
  template <class Request, class Response>
  Response call(grpc::Status (v1::ExecutorService::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                const Request& request);

  const std::string address_;
  const std::chrono::milliseconds timeout_;
  const LoadedCredentials credentials_;
  const std::unique_ptr<v1::ExecutorService::Stub> stub_;
};

}  // namespace futured::detail
