// The trace that calls are part of which name none.
#pragma once

#include <memory>

#include "encoded_options.h"

namespace futured::detail {

// The options, with the trace that set_trace_source()'s function names, unless they have one. What it throws goes
// through. Calls one after another with the same options and trace share the object.
std::shared_ptr<const EncodedOptions> with_current_trace(const std::shared_ptr<const EncodedOptions>& options);

}  // namespace futured::detail
