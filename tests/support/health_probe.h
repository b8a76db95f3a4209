// Asks a server for its health by grpc.health.v1, whose generated code Debian does not ship.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

namespace futured::testing {

enum class Health { kUnreachable, kUnknown, kServing, kNotServing };

// Of the server as a whole, or of one service.
Health health_of(const std::shared_ptr<grpc::Channel>& channel, const std::string& service = "");

}  // namespace futured::testing
