#include "server/open_exporter.h"

#include <utility>

namespace futured::server {

tl::expected<std::unique_ptr<trace::OtlpExporter>, std::string> open_exporter(const Options& options,
                                                                              const core::Clock& clock,
                                                                              Logger& logger) {
  if (options.trace_endpoint.empty()) return nullptr;
  auto endpoint = trace::parse_endpoint(options.trace_endpoint);
  if (!endpoint) return tl::unexpected("trace_endpoint: " + endpoint.error());
  trace::OtlpExporter::Settings settings{.endpoint = *std::move(endpoint),
                                         .resource = {options.trace_service_name, FUTURED_VERSION}};
  if (!options.trace_headers_file.empty()) {
    auto headers = trace::read_headers(options.trace_headers_file);
    if (!headers) return tl::unexpected("trace_headers_file: " + headers.error());
    settings.headers = *std::move(headers);
  }
  return std::make_unique<trace::OtlpExporter>(std::move(settings), clock, [&logger](std::string_view what) {
    logger.warning("traces", {{"trouble", what}});
  });
}

void add_figures(const trace::OtlpExporter* exporter, http::DaemonFigures& figures) {
  if (exporter == nullptr) return;
  figures.spans_exported = exporter->exported();
  figures.spans_dropped = exporter->dropped();
  figures.span_exports_failed = exporter->failures();
}

}  // namespace futured::server
