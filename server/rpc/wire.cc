#include "server/rpc/wire.h"

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/proto_utils.h>

namespace futured::rpc {

using Traits = grpc::SerializationTraits<google::protobuf::Message>;

core::Result<void> parse(const grpc::ByteBuffer& bytes, google::protobuf::Message& request) {
  // They are the call's own, and nobody else reads them; gRPC's typed handlers release them as well.
  auto& released = const_cast<grpc::ByteBuffer&>(bytes);
  if (Traits::Deserialize(&released, &request).ok()) return {};
  return core::failure(core::Reason::kRequestMalformed,
                       "the request's bytes are no " + request.GetDescriptor()->full_name());
}

void serialize(const google::protobuf::Message& message, grpc::ByteBuffer& bytes) {
  bytes.Clear();
  bool own_buffer;
  // Fails only for messages of more than 2 GiB, far above every limit.
  (void)Traits::Serialize(message, &bytes, &own_buffer);
}

grpc::ServerUnaryReactor* refuse(grpc::CallbackServerContext& context, const core::Status& status) {
  auto* reactor = context.DefaultReactor();
  reactor->Finish(to_grpc(status, context));
  return reactor;
}

}  // namespace futured::rpc
