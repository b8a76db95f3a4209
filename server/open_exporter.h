// Makes what sends spans to a collector, as the options say.
#pragma once

#include <memory>
#include <string>
#include <tl/expected.hpp>

#include "server/core/clock.h"
#include "server/http/figures.h"
#include "server/log.h"
#include "server/options.h"
#include "server/trace/otlp_exporter.h"

namespace futured::server {

// Null: there is no collector. The clock and the logger must outlive it. The failure names the setting, the file and
// what is wrong with it.
tl::expected<std::unique_ptr<trace::OtlpExporter>, std::string> open_exporter(const Options& options,
                                                                              const core::Clock& clock, Logger& logger);

// Enters what became of spans. Null: there are none.
void add_figures(const trace::OtlpExporter* exporter, http::DaemonFigures& figures);

}  // namespace futured::server
