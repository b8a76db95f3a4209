// Errors of calls that are not of the session: to administer, to read logs.
#pragma once

#include <grpcpp/grpcpp.h>

#include <string>

#include "connector.h"

namespace futured::detail {

// What such a call shows. Throws Unauthenticated when it cannot be read.
LoadedCredentials credentials_for_call(const Connector& connector);

// What the daemon may not have.
enum class Missing { kExecutor, kFuture };
// Throws ConnectionLost, Unauthenticated, PermissionDenied, Refused; for NOT_FOUND BrokenExecutor or UnknownFuture.
[[noreturn]] void fail_call(const grpc::Status& status, const std::string& address, Missing missing);

}  // namespace futured::detail
