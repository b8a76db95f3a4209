// What the status of a refused call says to programs, beside code and message; see futured/v1/errors.proto.
#pragma once

#include <string>

#include "server/core/status.h"

namespace futured::rpc {

// For `grpc-status-details-bin`: the bytes of a google.rpc.Status with its details.
std::string error_details(const core::Status& status);

}  // namespace futured::rpc
