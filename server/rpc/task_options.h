// Options of tasks as clients send them, and as they are shown.
#pragma once

#include <google/protobuf/map.h>

#include <string>
#include <string_view>

#include "futured/v1/future.pb.h"
#include "server/core/status.h"
#include "server/core/task_options.h"

namespace futured::rpc {

// All but the executor. The failure names the field below `field`, the value and what is allowed.
core::Result<core::TaskOptions> to_core(const std::string& field, const v1::TaskOptions& options);

// None, if `traceparent` is empty or malformed.
core::SharedTrace trace_of(std::string_view traceparent, std::string_view tracestate);

// Sorted by key.
core::Result<core::Labels> to_labels(const std::string& field,
                                     const google::protobuf::Map<std::string, std::string>& labels);

// As they were sent, but for the executor, and for what has its default: that is not set.
v1::TaskOptions to_proto(const core::TaskOptions& options);

// What a snapshot shows of them.
void show_options(const core::TaskOptions& options, v1::Future& future);

}  // namespace futured::rpc
