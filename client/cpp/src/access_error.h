// The errors of a caller whom the daemon does not know, or who may not do that.
#pragma once

#include <grpcpp/grpcpp.h>

#include <exception>
#include <string>

#include "futured/errors.h"

namespace futured::detail {

// Unauthenticated or PermissionDenied, with what the daemon says of it. Null for all other codes.
std::exception_ptr access_error(grpc::StatusCode code, const std::string& message, const Refusal& refusal);

}  // namespace futured::detail
