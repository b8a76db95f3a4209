// Gate: finds out who calls, and whether he may. Every method asks it before it reads a byte of the request.
#pragma once

#include <grpcpp/server_context.h>

#include <string_view>

#include "server/core/status.h"
#include "server/rpc/caller.h"

namespace futured::rpc {

// Called from any thread; must not block.
class Gate {
 public:
  virtual ~Gate() = default;
  // Who makes a call of a method, as in "/futured.v1.FutureService/Submit". A failure ends the call.
  virtual core::Result<Caller> admit(grpc::CallbackServerContext& context, std::string_view method) = 0;
  // Whether a caller may submit tasks of a function to an executor. The executor is known, the
  // function perhaps not.
  virtual core::Result<void> check_task(const Caller& caller, std::string_view executor, std::string_view function) = 0;
};

// Where no identities are configured: everybody is the daemon itself, and may do everything.
class OpenGate final : public Gate {
 public:
  core::Result<Caller> admit(grpc::CallbackServerContext&, std::string_view) override { return Caller(); }
  core::Result<void> check_task(const Caller&, std::string_view, std::string_view) override { return {}; }
};

}  // namespace futured::rpc
