// What the client asks of the daemon's executors.
#pragma once

#include <chrono>
#include <string>

#include "futured/v1/executor_service.grpc.pb.h"

namespace futured::detail {

// Calls of the daemon's ExecutorService, on a connection of their own. Each blocks, at most for the timeout. They throw
// ConnectionLost when the daemon does not answer, BrokenExecutor when it has no such executor, and else Refused.
class Administration {
 public:
  Administration(const std::string& address, std::chrono::milliseconds timeout);

  std::string default_executor();
  void end_workers(const std::string& executor, v1::EndWorkersMode mode);

 private:
  template <class Request, class Response>
  Response call(grpc::Status (v1::ExecutorService::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                const Request& request);

  const std::string address_;
  const std::chrono::milliseconds timeout_;
  const std::unique_ptr<v1::ExecutorService::Stub> stub_;
};

}  // namespace futured::detail
