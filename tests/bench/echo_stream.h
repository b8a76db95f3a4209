// EchoStream: the client's end of the bare stream.
#pragma once

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <latch>

#include "echo.grpc.pb.h"
#include "tests/bench/samples.h"

namespace futured::bench {

// Writes messages of equal size as fast as they leave until `end`, and reads what comes back.
class EchoStream final : public grpc::ClientBidiReactor<StreamRequest, StreamResponse> {
 public:
  EchoStream(EchoService::Stub& stub, int items_per_message, Clock::time_point end);

  // Returns how many items came back, after the last has. Throws std::runtime_error when the stream fails.
  std::uint64_t wait();

  void OnWriteDone(bool ok) override;
  void OnReadDone(bool ok) override;
  void OnDone(const grpc::Status& status) override;

 private:
  const Clock::time_point end_;
  grpc::ClientContext context_;
  StreamRequest request_;
  StreamResponse response_;
  std::uint64_t items_ = 0;
  grpc::Status status_;
  std::latch done_{1};
};

}  // namespace futured::bench
