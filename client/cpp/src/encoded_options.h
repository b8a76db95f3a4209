// Options of calls as they travel.
#pragma once

#include <memory>

#include "futured/call_options.h"
#include "futured/v1/future.pb.h"

namespace futured::detail {

// The options of some calls. Calls of one run share the object.
struct EncodedOptions {
  v1::TaskOptions message;
};

// Throws std::invalid_argument when `retry.max_attempts` is below 1.
std::shared_ptr<const EncodedOptions> encode(const CallOptions& options);

}  // namespace futured::detail
