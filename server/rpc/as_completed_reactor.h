// AsCompletedReactor: one AsCompleted stream.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "futured/v1/future_service.pb.h"
#include "server/rpc/stream_reactor.h"

namespace futured::rpc {

class AsCompletedReactor final : public StreamReactor {
 public:
  // Streams futures that differ from each other, and that the caller sees. Hand the result to gRPC.
  static grpc::ServerWriteReactor<grpc::ByteBuffer>* start(const Parts& parts, const Caller& caller,
                                                           grpc::CallbackServerContext& context,
                                                           std::vector<core::FutureId> ids,
                                                           std::optional<core::Duration> timeout);

 private:
  AsCompletedReactor(const Parts& parts, const Caller& caller, grpc::CallbackServerContext& context,
                     std::vector<core::FutureId> ids, std::optional<core::Duration> timeout)
      : StreamReactor(parts, caller, context), ids_(std::move(ids)), timeout_(timeout), unfinished_(ids_.size()) {}

  core::Result<void> subscribe() override;
  Next prepare(grpc::ByteBuffer& message) override;
  void leave() override;

  void start_timer(core::Duration timeout);
  void time_up();
  void take(const core::Event& event, v1::AsCompletedResponse& response);

  const std::vector<core::FutureId> ids_;
  const std::optional<core::Duration> timeout_;
  std::atomic<bool> time_up_{false};

  // Of the busy one.
  std::size_t unfinished_;
  std::optional<core::Timekeeper::Id> timer_;
  // A future is gone, and the stream ends for that.
  bool broken_ = false;
};

}  // namespace futured::rpc
