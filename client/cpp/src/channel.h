// Connections to the daemon.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

namespace futured::detail {

// A connection of its own, made when first needed. gRPC joins its callback threads in the destructor of the last one,
// so none of them may destroy it.
std::shared_ptr<grpc::Channel> open_channel(const std::string& address);

}  // namespace futured::detail
