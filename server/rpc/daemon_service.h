// DaemonService: the RPCs of futured.v1.DaemonService.
#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <string>
#include <utility>

#include "futured/v1/daemon_service.grpc.pb.h"
#include "server/core/future_table.h"
#include "server/rpc/gate.h"
#include "server/rpc/unary_call.h"

namespace futured::rpc {

// All take bytes; see wire.h.
using RawDaemonService = v1::DaemonService::WithRawCallbackMethod_Get<v1::DaemonService::WithRawCallbackMethod_Drain<
    v1::DaemonService::WithRawCallbackMethod_Resume<v1::DaemonService::Service>>>;

class DaemonService final : public RawDaemonService {
 public:
  // References are not owned; they outlive the service. The functions are called from any thread, and must not block.
  struct Parts {
    core::FutureTable& table;
    Gate& gate;
    bool keeps_futures = false;
    std::string version;
    std::string epoch;
    // Drains the table, and has health checks hear of it.
    std::function<void(core::Draining)> drain;
    // Undoes it. False: it is for good.
    std::function<bool()> resume;
    // Has the daemon end; called once an answer is on its way, and possibly several times.
    std::function<void()> exit;
  };
  explicit DaemonService(Parts parts) : parts_(std::move(parts)) {}

  grpc::ServerUnaryReactor* Get(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* Drain(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                  grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* Resume(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                   grpc::ByteBuffer* response) override;

 private:
  v1::Daemon snapshot() const;

  const Parts parts_;
};

}  // namespace futured::rpc
