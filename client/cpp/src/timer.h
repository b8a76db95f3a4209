// Calls a function once, later, on one of gRPC's threads.
#pragma once

#include <grpcpp/alarm.h>

#include <chrono>
#include <functional>
#include <memory>

namespace futured::detail {

// Calls of arm() and the destructor must not overlap. Destroying it prevents a call that has not begun.
class Timer {
 public:
  // REQUIRES: the function armed before, if any, has begun to run.
  void arm(std::chrono::steady_clock::duration delay, std::function<void()> function);

 private:
  std::unique_ptr<grpc::Alarm> alarm_;
};

}  // namespace futured::detail
