// AsCompletedReactor: one AsCompleted stream.
//
// Futures that finish while a message is on its way gather in the table, as IDs without outcomes, and leave together in
// the next message. So a client that reads slowly costs little, and never delays the one that finishes futures.
//
// There is at most one write in flight. Whoever finds the stream idle prepares the next message; everybody else leaves
// word with the one who is busy. Only the busy one writes and finishes, so the stream ends exactly once.
//
// Lifetime: it keeps itself alive from start() to OnDone; the table and the timekeeper hold references for as long as
// it waits.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "futured/v1/future_service.pb.h"
#include "server/core/future_table.h"
#include "server/core/mutex.h"
#include "server/rpc/live_calls.h"
#include "server/rpc/open_stream.h"
#include "server/rpc/wait_reactor.h"

namespace futured::rpc {

class AsCompletedReactor final : public grpc::ServerWriteReactor<grpc::ByteBuffer>,
                                 public core::Subscriber,
                                 public LiveCall,
                                 public std::enable_shared_from_this<AsCompletedReactor> {
 public:
  using Parts = WaitReactor::Parts;

  // Streams futures that differ from each other, and that the caller sees. Hand the result to gRPC.
  static grpc::ServerWriteReactor<grpc::ByteBuffer>* start(const Parts& parts, const Caller& caller,
                                                           grpc::CallbackServerContext& context,
                                                           std::vector<core::FutureId> ids,
                                                           std::optional<core::Duration> timeout);
  // A stream that ends at once.
  static grpc::ServerWriteReactor<grpc::ByteBuffer>* refuse(const Parts& parts, grpc::CallbackServerContext& context,
                                                            const core::Status& status);

  // core::Subscriber
  void notify() override FUTURED_EXCLUDES(mu_) { wake(); }
  // LiveCall
  void end(const core::Status& status) override FUTURED_EXCLUDES(mu_);

  // gRPC's reactions
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  AsCompletedReactor(const Parts& parts, const Caller& caller, grpc::CallbackServerContext& context,
                     std::vector<core::FutureId> ids);

  core::Result<void> subscribe();
  void start_timer(core::Duration timeout);
  void time_up() FUTURED_EXCLUDES(mu_);
  void wake() FUTURED_EXCLUDES(mu_);

  // By the busy one: writes the next message, finishes, or becomes idle.
  void proceed() FUTURED_EXCLUDES(mu_);
  // What to do when no message is due.
  enum class Pause { kLookAgain, kIdle, kTimeUp };
  Pause pause() FUTURED_EXCLUDES(mu_);
  std::optional<core::Status> ended() FUTURED_EXCLUDES(mu_);
  void take(const core::Event& event, v1::AsCompletedResponse& response);
  void unsubscribe();
  void finish(const core::Status& status);
  void finish_with(const v1::AsCompletedResponse& last);

  const Parts parts_;
  const Caller caller_;
  grpc::CallbackServerContext& context_;
  const std::vector<core::FutureId> ids_;
  core::SubscriberId subscriber_ = core::kNoSubscriber;
  // Until OnDone.
  std::optional<OpenStream> stream_;
  std::shared_ptr<AsCompletedReactor> self_;

  // Of the busy one.
  std::size_t unfinished_;
  std::optional<core::Timekeeper::Id> timer_;
  // Belongs to gRPC while a write is in flight.
  grpc::ByteBuffer message_;

  core::Mutex mu_;
  // Somebody prepares a message, or a write is in flight; for ever after the end.
  bool busy_ FUTURED_GUARDED_BY(mu_) = true;
  // Something came up since the busy one last looked.
  bool look_again_ FUTURED_GUARDED_BY(mu_) = false;
  bool time_up_ FUTURED_GUARDED_BY(mu_) = false;
  std::optional<core::Status> ended_ FUTURED_GUARDED_BY(mu_);
};

}  // namespace futured::rpc
