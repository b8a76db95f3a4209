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

}  // namespace futured::rpc
