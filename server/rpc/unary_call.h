// Unary calls, from the gate to the answer.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <string_view>

#include "server/core/future_table.h"
#include "server/core/status.h"
#include "server/rpc/gate.h"
#include "server/rpc/subject.h"
#include "server/rpc/wire.h"

namespace futured::rpc {

// What gRPC gave the handler of a method, whose name is as Gate::admit takes it.
struct UnaryCall {
  std::string_view method;
  grpc::CallbackServerContext* context;
  const grpc::ByteBuffer* bytes;
  grpc::ByteBuffer* response;
};

// Finds out who calls, reads the request, and hands both to `handle`, which returns the reactor.
template <class Request, class Handler>
grpc::ServerUnaryReactor* admit(Gate& gate, const UnaryCall& call, const Handler& handle) {
  const auto caller = gate.admit(*call.context, call.method);
  if (!caller) return refuse(*call.context, caller.error());
  Request request;
  if (auto parsed = parse(*call.bytes, request); !parsed) return refuse(*call.context, parsed.error());
  record(gate, *caller, call.method, request);
  return handle(*caller, request);
}

// Does a call: `handle` takes the caller and the request, and returns core::Result of the response. `finish` gets the
// reactor, and ends the call, then or later.
template <class Request, class Handler, class Finish>
grpc::ServerUnaryReactor* answer_by(Gate& gate, const UnaryCall& call, const Handler& handle, const Finish& finish) {
  return admit<Request>(gate, call, [&](const Caller& caller, const Request& request) -> grpc::ServerUnaryReactor* {
    const auto result = handle(caller, request);
    if (!result) return refuse(*call.context, result.error());
    serialize(*result, *call.response);
    auto* reactor = call.context->DefaultReactor();
    finish(reactor);
    return reactor;
  });
}

// For calls that need no waiting.
template <class Request, class Handler>
grpc::ServerUnaryReactor* answer(Gate& gate, const UnaryCall& call, const Handler& handle) {
  return answer_by<Request>(gate, call, handle, [](auto* reactor) { reactor->Finish(grpc::Status::OK); });
}

// For calls that change futures: answers when the changes are stored.
template <class Request, class Handler>
grpc::ServerUnaryReactor* answer_when_stored(core::FutureTable& table, Gate& gate, const UnaryCall& call,
                                             const Handler& handle) {
  return answer_by<Request>(gate, call, handle, [&table](auto* reactor) {
    table.call_when_stored([reactor] { reactor->Finish(grpc::Status::OK); });
  });
}

}  // namespace futured::rpc
