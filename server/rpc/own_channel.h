// OwnChannel: the daemon's calls to itself, by a pair of connected sockets of which the gRPC server has one end. They
// pass the same checks and limits as calls from outside.
#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <unordered_set>

#include "server/core/mutex.h"
#include "server/core/unary_caller.h"

namespace futured::rpc {

// May be used from any thread.
class OwnChannel final : public core::UnaryCaller, public core::StreamCaller {
 public:
  // Takes over the server's end; see server_settings.h.
  using Handover = std::function<void(int listening, int connection)>;

  explicit OwnChannel(std::size_t max_message_size) : max_message_size_(max_message_size) {}
  ~OwnChannel() override { stop(); }

  // Once, before the first call.
  void set_handover(Handover handover) { handover_ = std::move(handover); }

  // kUnavailable after stop(), or when there are no sockets to be had.
  std::shared_ptr<core::UnaryCall> start(core::UnaryRequest request, UnaryCaller::Done done) override
      FUTURED_EXCLUDES(mu_);
  std::shared_ptr<core::StreamCall> start_stream(core::UnaryRequest request, Message message,
                                                 UnaryCaller::Done done) override FUTURED_EXCLUDES(mu_);
  // Cancels all calls, and returns when each has told its answer. There are none afterwards. May be repeated; not on a
  // thread of gRPC.
  void stop() FUTURED_EXCLUDES(mu_);

 private:
  class Call;
  class Unary;
  class Stream;
  using Steady = std::chrono::steady_clock;

  // Null: it is not to be, as the daemon ends or there are no sockets.
  std::shared_ptr<grpc::Channel> channel_for(Call* call) FUTURED_EXCLUDES(mu_);
  // Null: there are no sockets.
  std::shared_ptr<grpc::Channel> channel_locked() FUTURED_REQUIRES(mu_);
  std::shared_ptr<grpc::Channel> connect() const;
  void ended(Call* call, bool unavailable) FUTURED_EXCLUDES(mu_);

  Handover handover_;
  const std::size_t max_message_size_;

  core::Mutex mu_;
  core::CondVar changed_;
  // A channel of a descriptor cannot reconnect. The server closes connections that are idle for some minutes, so one
  // that was is replaced before it is used; so is one on which a call was UNAVAILABLE, once a second.
  std::shared_ptr<grpc::Channel> channel_ FUTURED_GUARDED_BY(mu_);
  Steady::time_point connected_ FUTURED_GUARDED_BY(mu_);
  Steady::time_point used_ FUTURED_GUARDED_BY(mu_);
  bool suspect_ FUTURED_GUARDED_BY(mu_) = false;
  bool stopped_ FUTURED_GUARDED_BY(mu_) = false;
  // Kept by gRPC until they have ended.
  std::unordered_set<Call*> calls_ FUTURED_GUARDED_BY(mu_);
};

}  // namespace futured::rpc
