// ExecutorService: the RPCs of futured.v1.ExecutorService, on a FutureTable.
#pragma once

#include <grpcpp/grpcpp.h>

#include "futured/v1/executor_service.grpc.pb.h"
#include "server/core/future_table.h"
#include "server/rpc/gate.h"
#include "server/rpc/unary_call.h"

namespace futured::rpc {

// All take bytes; see wire.h.
using RawExecutorService = v1::ExecutorService::WithRawCallbackMethod_List<
    v1::ExecutorService::WithRawCallbackMethod_Get<v1::ExecutorService::WithRawCallbackMethod_Pause<
        v1::ExecutorService::WithRawCallbackMethod_Resume<v1::ExecutorService::WithRawCallbackMethod_Drain<
            v1::ExecutorService::WithRawCallbackMethod_EndWorkers<v1::ExecutorService::Service>>>>>>;

class ExecutorService final : public RawExecutorService {
 public:
  // Not owned; they outlive the service.
  ExecutorService(core::FutureTable& table, const core::Clock& clock, Gate& gate)
      : table_(table), clock_(clock), gate_(gate) {}

  grpc::ServerUnaryReactor* List(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                 grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* Get(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* Pause(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                  grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* Resume(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                   grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* Drain(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                  grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* EndWorkers(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                       grpc::ByteBuffer* response) override;

 private:
  // One of the calls that name an executor. `action` does something to it, and may fail.
  template <class Request, class Response, class Action>
  grpc::ServerUnaryReactor* about_one(const UnaryCall& call, Action action);
  core::Result<void> end_workers(core::ExecutorIndex index, const v1::EndWorkersRequest& request);

  core::FutureTable& table_;
  const core::Clock& clock_;
  Gate& gate_;
};

}  // namespace futured::rpc
