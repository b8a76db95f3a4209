// Requests from bytes, responses to bytes.
//
// Our handlers take raw bytes and parse them here: gRPC's own parsing answers malformed bytes with UNIMPLEMENTED and no
// message, which sends people looking in the wrong place.
#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include "server/core/status.h"
#include "server/rpc/convert.h"

namespace futured::rpc {

// Reads a request from the pieces in which it arrived, and gives back their memory: a call that waits is not to hold
// them. What the request had before is gone.
core::Result<void> parse(const grpc::ByteBuffer& bytes, google::protobuf::Message& request);
// Replaces `bytes`.
void serialize(const google::protobuf::Message& message, grpc::ByteBuffer& bytes);

// Ends a unary call that could not be done.
grpc::ServerUnaryReactor* refuse(grpc::CallbackServerContext& context, const core::Status& status);

// Does a unary call: `handle` takes the request and returns core::Result of the response. `finish` gets the reactor,
// and ends the call, then or later.
template <class Request, class Handler, class Finish>
grpc::ServerUnaryReactor* answer_by(grpc::CallbackServerContext* context, const grpc::ByteBuffer* bytes,
                                    grpc::ByteBuffer* response, const Handler& handle, const Finish& finish) {
  Request request;
  if (auto parsed = parse(*bytes, request); !parsed) return refuse(*context, parsed.error());
  const auto result = handle(request);
  if (!result) return refuse(*context, result.error());
  serialize(*result, *response);
  auto* reactor = context->DefaultReactor();
  finish(reactor);
  return reactor;
}

// For calls that need no waiting.
template <class Request, class Handler>
grpc::ServerUnaryReactor* answer(grpc::CallbackServerContext* context, const grpc::ByteBuffer* bytes,
                                 grpc::ByteBuffer* response, const Handler& handle) {
  return answer_by<Request>(context, bytes, response, handle, [](auto* reactor) { reactor->Finish(grpc::Status::OK); });
}

// For calls that change futures: answers when the changes are stored.
template <class Request, class Handler>
grpc::ServerUnaryReactor* answer_when_stored(core::FutureTable& table, grpc::CallbackServerContext* context,
                                             const grpc::ByteBuffer* bytes, grpc::ByteBuffer* response,
                                             const Handler& handle) {
  return answer_by<Request>(context, bytes, response, handle, [&table](auto* reactor) {
    table.call_when_stored([reactor] { reactor->Finish(grpc::Status::OK); });
  });
}

}  // namespace futured::rpc
