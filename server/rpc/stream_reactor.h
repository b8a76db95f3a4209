// StreamReactor: a server stream about futures that the call names. AsCompleted and Watch are such streams.
//
// What happens while a message is on its way gathers in the table, and leaves together in the next message. So a client
// that reads slowly costs little, and never delays the one that finishes futures.
//
// There is at most one write in flight. Whoever finds the stream idle prepares the next message; everybody else leaves
// word with the one who is busy. Only the busy one writes and finishes, so the stream ends exactly once.
//
// Lifetime: it keeps itself alive from its start to OnDone; the table and the timekeeper hold references for as long as
// it waits.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <memory>
#include <optional>
#include <vector>

#include "server/core/future_table.h"
#include "server/core/mutex.h"
#include "server/rpc/caller.h"
#include "server/rpc/live_calls.h"
#include "server/rpc/open_stream.h"
#include "server/rpc/wait_reactor.h"

namespace futured::rpc {

class StreamReactor : public grpc::ServerWriteReactor<grpc::ByteBuffer>,
                      public core::Subscriber,
                      public LiveCall,
                      public std::enable_shared_from_this<StreamReactor> {
 public:
  using Parts = WaitReactor::Parts;

  // A stream that ends at once.
  static grpc::ServerWriteReactor<grpc::ByteBuffer>* refuse(grpc::CallbackServerContext& context,
                                                            const core::Status& status);

  // core::Subscriber
  void notify() override FUTURED_EXCLUDES(mu_) { wake(); }
  // LiveCall
  void end(const core::Status& status) override FUTURED_EXCLUDES(mu_);

  // gRPC's reactions
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 protected:
  // What is to be written: a message, the last one, nothing; or it is to be called once more.
  enum class Next { kMessage, kLast, kNothing, kLookAgain };

  StreamReactor(const Parts& parts, const Caller& caller, grpc::CallbackServerContext& context)
      : parts_(parts), caller_(caller), context_(context) {}

  // Subscribes a new stream and begins to write. Hand the result to gRPC.
  static grpc::ServerWriteReactor<grpc::ByteBuffer>* run(const std::shared_ptr<StreamReactor>& reactor);
  // Subscribes to these, number i under token i. Fails like the table.
  core::Result<void> subscribe_to(const std::vector<core::FutureId>& ids);
  static std::vector<core::WatchRequest> requests_of(const std::vector<core::FutureId>& ids);
  // By the busy one: what is prepared is still written.
  void end_after_this(const core::Status& status) FUTURED_EXCLUDES(mu_);
  // Has the one who is busy, or this thread, prepare a message.
  void wake() FUTURED_EXCLUDES(mu_);

  const Parts parts_;
  const Caller caller_;
  core::SubscriberId subscriber_ = core::kNoSubscriber;

 private:
  // Before the stream begins.
  virtual core::Result<void> subscribe() = 0;
  // By the busy one.
  virtual Next prepare(grpc::ByteBuffer& message) = 0;
  // By the busy one, before it ends the stream.
  virtual void leave() {}

  void proceed() FUTURED_EXCLUDES(mu_);
  // False: something has come up, or the stream ends.
  bool become_idle() FUTURED_EXCLUDES(mu_);
  std::optional<core::Status> ended() FUTURED_EXCLUDES(mu_);
  void unsubscribe();
  void finish(const core::Status& status);

  grpc::CallbackServerContext& context_;
  // Until OnDone.
  std::optional<OpenStream> stream_;
  std::shared_ptr<StreamReactor> self_;
  // Belongs to gRPC while a write is in flight.
  grpc::ByteBuffer message_;

  core::Mutex mu_;
  // Somebody prepares a message, or a write is in flight; for ever after the end.
  bool busy_ FUTURED_GUARDED_BY(mu_) = true;
  // Something came up since the busy one last looked.
  bool look_again_ FUTURED_GUARDED_BY(mu_) = false;
  std::optional<core::Status> ended_ FUTURED_GUARDED_BY(mu_);
};

}  // namespace futured::rpc
