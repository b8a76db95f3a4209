// Errors as messages: the rpc layer tells clients of them, and worker processes tell the daemon.
#pragma once

#include "futured/v1/future.pb.h"
#include "server/core/outcome.h"

namespace futured {

v1::Error to_proto(const core::Error& error);
// A chain of causes longer than 100 is cut off; an unknown origin is the task's.
core::Error to_core(const v1::Error& error);

}  // namespace futured
