// FutureService: the RPCs of futured.v1.FutureService, on a FutureTable.
//
// No handler blocks. Calls that wait are reactors (wait_reactor.h, as_completed_reactor.h), which hold no thread.
#pragma once

#include <grpcpp/grpcpp.h>

#include <cstddef>
#include <functional>

#include "futured/v1/future_service.grpc.pb.h"
#include "server/core/clock.h"
#include "server/core/future_table.h"
#include "server/core/ids.h"
#include "server/core/timekeeper.h"
#include "server/rpc/gate.h"
#include "server/rpc/live_calls.h"
#include "server/rpc/unary_call.h"
#include "server/rpc/validate.h"
#include "server/rpc/wait_reactor.h"

namespace futured::rpc {

// They take bytes; see wire.h.
using RawFutureService =
    v1::FutureService::WithRawCallbackMethod_Submit<v1::FutureService::WithRawCallbackMethod_Result<
        v1::FutureService::WithRawCallbackMethod_Wait<v1::FutureService::WithRawCallbackMethod_AsCompleted<
            v1::FutureService::WithRawCallbackMethod_Cancel<v1::FutureService::WithRawCallbackMethod_Get<
                v1::FutureService::WithRawCallbackMethod_List<v1::FutureService::WithRawCallbackMethod_Forget<
                    v1::FutureService::WithRawCallbackMethod_Session<v1::FutureService::WithRawCallbackMethod_Watch<
                        v1::FutureService::WithRawCallbackMethod_Retry<v1::FutureService::Service>>>>>>>>>>>;

class FutureService final : public RawFutureService {
 public:
  // Not owned; they outlive the service.
  struct Parts {
    core::FutureTable& table;
    const core::Clock& clock;
    core::Timekeeper& timekeeper;
    // For tasks that come without an ID.
    core::IdSource& ids;
    Gate& gate;
    // Told when most of very many calls that waited have gone: LiveCalls. May be empty.
    std::function<void()> on_ebb = {};
  };
  using SessionReactor = grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>;
  // Makes the reactor of a new stream, which owns itself.
  using SessionFactory = std::function<SessionReactor*(grpc::CallbackServerContext*)>;

  // `limits` is copied.
  FutureService(const Parts& parts, const RequestLimits& limits, SessionFactory sessions);

  // Ends all calls that wait, and later ones too unless their futures have finished. Sessions are not among them.
  // From any thread.
  void end_waits(const core::Status& status) { calls_.end_all(status); }
  // See LiveCalls.
  void end_unless(const LiveCalls::Check& check) { calls_.end_unless(check); }
  // Calls that wait, until gRPC is done with them. Each must end before the server can.
  std::size_t live_reactors() const { return calls_.size(); }
  // Blocks until there are none, or the deadline: then false.
  bool wait_until_none(core::Time deadline) const { return calls_.wait_until_none(deadline); }

  grpc::ServerUnaryReactor* Submit(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                   grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* Result(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                   grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* Wait(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                 grpc::ByteBuffer* response) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* AsCompleted(grpc::CallbackServerContext* context,
                                                          const grpc::ByteBuffer* request) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* Watch(grpc::CallbackServerContext* context,
                                                    const grpc::ByteBuffer* request) override;
  grpc::ServerUnaryReactor* Cancel(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                   grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* Get(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* List(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                 grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* Retry(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                  grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* Forget(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                   grpc::ByteBuffer* response) override;
  SessionReactor* Session(grpc::CallbackServerContext* context) override { return sessions_(context); }

 private:
  // Calls `handle`, one of the next four, with what it takes, unless the gate refuses or the request is malformed.
  template <class Request>
  grpc::ServerUnaryReactor* begin(const UnaryCall& call,
                                  grpc::ServerUnaryReactor* (FutureService::*handle)(const WaitReactor::Call&,
                                                                                     const Request&));
  grpc::ServerUnaryReactor* submit(const WaitReactor::Call& call, const v1::SubmitRequest& request);
  grpc::ServerUnaryReactor* retry(const WaitReactor::Call& call, const v1::RetryRequest& request);
  core::Result<v1::Task> task_again(const Caller& caller, core::FutureId id) const;
  grpc::ServerUnaryReactor* result(const WaitReactor::Call& call, const v1::ResultRequest& request);
  grpc::ServerUnaryReactor* wait(const WaitReactor::Call& call, const v1::WaitRequest& request);
  v1::SubmitResponse submitted(const std::vector<core::FutureId>& ids, const std::vector<core::Outcome>& outcomes,
                               const std::function<bool(std::size_t)>& is_left_out) const;
  std::vector<core::Outcome> look_at(const Caller& caller, const std::vector<core::FutureId>& ids) const;

  core::Result<v1::CancelResponse> cancel(const Caller& caller, const v1::CancelRequest& request);
  core::Result<v1::GetResponse> get(const Caller& caller, const v1::GetRequest& request) const;
  core::Result<v1::ListResponse> list(const Caller& caller, const v1::ListRequest& request) const;
  core::Result<core::ListFilter> filter_of(const v1::ListRequest& request) const;
  core::Result<v1::ForgetResponse> forget(const Caller& caller, const v1::ForgetRequest& request);

  const Parts parts_;
  const RequestLimits limits_;
  const SessionFactory sessions_;
  LiveCalls calls_;
  const WaitReactor::Parts waiting_;
};

}  // namespace futured::rpc
