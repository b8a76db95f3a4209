// WaitReactor: a unary call that is answered when a wait is over. Result, Wait and Submit are such calls.
//
// It holds no thread: gRPC's thread starts the wait and leaves, and whoever ends it (a worker, the timekeeper, gRPC on
// behalf of a client that gave up) finishes the call.
//
// Lifetime: it keeps itself alive from start() to OnDone. Its waiter calls back exactly once, and that is the only
// place where a call that has begun to wait is finished.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <cstddef>
#include <functional>
#include <memory>

#include "server/core/waiter.h"
#include "server/rpc/caller.h"
#include "server/rpc/live_calls.h"

namespace futured::rpc {

class WaitReactor final : public grpc::ServerUnaryReactor,
                          public LiveCall,
                          public std::enable_shared_from_this<WaitReactor> {
 public:
  // Not owned; they outlive all calls.
  struct Parts {
    core::Waiter::Parts waiting;
    LiveCalls& calls;
  };
  // What gRPC gave the handler, and who calls.
  struct Call {
    grpc::CallbackServerContext& context;
    grpc::ByteBuffer& response;
    Caller caller;
  };
  // Starts the wait: Waiter::watch or Waiter::submit.
  using Begin = std::function<core::Result<void>(core::Waiter& waiter)>;
  // Writes the response, once the wait ended by itself.
  using Answer = std::function<core::Result<void>(const core::Waiter& waiter, core::Waiter::Ending ending,
                                                  grpc::ByteBuffer& response)>;

  // Waits for `count` futures. Hand the result to gRPC.
  static grpc::ServerUnaryReactor* start(const Parts& parts, const Call& call, const core::Waiter::Options& options,
                                         std::size_t count, const Begin& begin, Answer answer);

  // LiveCall
  void end(const core::Status& status) override { waiter_->abort(status); }

  // gRPC's reactions
  void OnCancel() override;
  void OnDone() override;

 private:
  WaitReactor(LiveCalls& calls, const Call& call, Answer answer);

  void finish(const core::Result<core::Waiter::Ending>& ending);

  LiveCalls& calls_;
  const Call call_;
  const Answer answer_;
  std::shared_ptr<core::Waiter> waiter_;
  // Until OnDone.
  std::shared_ptr<WaitReactor> self_;
};

}  // namespace futured::rpc
