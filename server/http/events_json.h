// The data of one event of /v1/events: the figures that people watch, as one line of JSON.
#pragma once

#include <string>

#include "server/core/clock.h"
#include "server/http/figures.h"

namespace futured::http {

// {"time": "2025-01-31T12:00:00.123Z", "executors": […], "counters": {…}, "gauges": {…}}
std::string events_json(const Figures& figures, core::WallTime time);

}  // namespace futured::http
