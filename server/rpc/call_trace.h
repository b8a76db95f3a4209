// The trace that a call is part of.
#pragma once

#include <grpcpp/grpcpp.h>

#include "server/core/trace.h"

namespace futured::rpc {

// What the metadata `traceparent` and `tracestate` say, as clients send it that trace their calls. Several entries of
// `tracestate` are one; of `traceparent` they are malformed, and ignored as such.
core::SharedTrace trace_of(const grpc::ServerContextBase& context);

}  // namespace futured::rpc
