// Options of calls as they travel.
#pragma once

#include <memory>
#include <string_view>

#include "futured/call_options.h"
#include "futured/v1/future.pb.h"

namespace futured::detail {

// The options of some calls. Calls of one run share the object.
struct EncodedOptions {
  v1::TaskOptions message;
};

// Whether it can be sent as a part of a trace: not empty, and printable ASCII. The daemon ignores what else is wrong.
bool is_trace_text(std::string_view text);

// A message with text that is no UTF-8 would be lost, with all its calls. Throws std::invalid_argument.
void check_option_text(std::string_view option, std::string_view text);

// Throws std::invalid_argument when `retry.max_attempts` is below 1, and for text that is no UTF-8.
std::shared_ptr<const EncodedOptions> encode(const CallOptions& options);

}  // namespace futured::detail
