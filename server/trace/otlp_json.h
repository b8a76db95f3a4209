// Spans as a collector takes them: an ExportTraceServiceRequest of OTLP, as JSON.
#pragma once

#include <span>
#include <string>

#include "server/core/clock.h"
#include "server/core/span.h"

namespace futured::trace {

// Who sends them.
struct Resource {
  std::string service_name = "futured";
  std::string version;
};

// `clock` is that of the spans' times.
std::string to_json(std::span<const core::Span> spans, const Resource& resource, const core::Clock& clock);

}  // namespace futured::trace
