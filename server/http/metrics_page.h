// The page of /metrics: figures in Prometheus' text format 0.0.4. docs/metrics.md describes each family.
#pragma once

#include <string>

#include "server/http/figures.h"

namespace futured::http {

inline constexpr const char* kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

std::string metrics_page(const Figures& figures, const Sources& sources);

}  // namespace futured::http
