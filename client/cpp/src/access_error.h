// The errors of a caller whom the daemon does not know, or who may not do that.
#pragma once

#include <grpcpp/grpcpp.h>

#include <exception>
#include <string>

namespace futured::detail {

// Unauthenticated or PermissionDenied, with this message. Null for all other codes.
std::exception_ptr access_error(grpc::StatusCode code, const std::string& message);

}  // namespace futured::detail
