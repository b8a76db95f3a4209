// ExecutorService: the RPCs of futured.v1.ExecutorService, on a FutureTable.
#pragma once

#include <grpcpp/grpcpp.h>

#include <optional>
#include <string>

#include "futured/v1/executor_service.grpc.pb.h"
#include "server/core/future_table.h"

namespace futured::rpc {

// All take bytes; see wire.h.
using RawExecutorService =
    v1::ExecutorService::WithRawCallbackMethod_List<v1::ExecutorService::WithRawCallbackMethod_Get<
        v1::ExecutorService::WithRawCallbackMethod_Pause<v1::ExecutorService::WithRawCallbackMethod_Resume<
            v1::ExecutorService::WithRawCallbackMethod_Drain<v1::ExecutorService::Service>>>>>;

class ExecutorService final : public RawExecutorService {
 public:
  // The table is not owned, and outlives the service.
  explicit ExecutorService(core::FutureTable& table) : table_(table) {}

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

 private:
  // Puts an executor into a state, if one is given, and returns what it is like then.
  core::Result<v1::Executor> executor(const std::string& name, std::optional<core::ExecutorState> state);
  // One of the four calls that name an executor.
  template <class Request, class Response>
  grpc::ServerUnaryReactor* about_one(grpc::CallbackServerContext* context, const grpc::ByteBuffer* bytes,
                                      grpc::ByteBuffer* response, std::optional<core::ExecutorState> state);

  core::FutureTable& table_;
};

}  // namespace futured::rpc
