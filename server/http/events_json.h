// The data of one event of /v1/events: the figures that people watch, as one line of JSON.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "server/core/clock.h"
#include "server/http/figures.h"
#include "server/http/latencies.h"

namespace futured::http {

// What an event says beside the figures.
struct EventAbout {
  core::WallTime time;
  // Since the daemon serves.
  core::Duration uptime{0};
  std::string_view version;
  // By executor, of what has ended since the event before. Empty: there was none.
  std::vector<Latencies> latencies;
};

// {"time": "2025-01-31T12:00:00.123Z", "version": "0.1.0", "uptimeSeconds": 12.5, "executors": […], "counters": {…},
//  "gauges": {…}}
std::string events_json(const Figures& figures, const EventAbout& about);

}  // namespace futured::http
