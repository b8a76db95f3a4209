// OfferedLoad: calls that are sent at a fixed rate, however slowly they are answered.
#pragma once

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <cstdint>
#include <mutex>

#include "futured/v1/future_service.grpc.pb.h"
#include "tests/bench/samples.h"

namespace futured::bench {

// Submits one task with each call, and waits for its outcome there. Blocking methods are for one thread.
class OfferedLoad {
 public:
  struct Counts {
    // Tasks that succeeded.
    std::uint64_t done = 0;
    // Calls that were told to come later.
    std::uint64_t refused = 0;
    // Anything else.
    std::uint64_t failed = 0;
    // How long the refusals took, in milliseconds.
    Samples refusal_ms;
  };

  // `stub` is not owned; `request` is copied.
  OfferedLoad(v1::FutureService::Stub& stub, v1::SubmitRequest request) : stub_(stub), request_(std::move(request)) {}
  OfferedLoad(const OfferedLoad&) = delete;
  OfferedLoad& operator=(const OfferedLoad&) = delete;
  // Waits for the calls under way.
  ~OfferedLoad() { finish(); }

  // Offers so many calls a second for so long, and returns what became of those that were answered meanwhile. What is
  // not answered yet goes on.
  Counts offer(double calls_per_second, Seconds time);
  // Waits for the calls under way. They are bounded by their deadlines.
  void finish();

 private:
  struct Call;

  void send();
  void answered(Call& call, const grpc::Status& status);

  v1::FutureService::Stub& stub_;
  const v1::SubmitRequest request_;
  std::mutex mutex_;
  Counts counts_;
  std::atomic<std::uint64_t> under_way_{0};
};

}  // namespace futured::bench
