#include "server/trace/otlp_json.h"

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>

namespace futured::trace {
namespace {

using core::Span;
using nlohmann::json;

// Of opentelemetry.proto.trace.v1.
constexpr int kKindInternal = 1;
constexpr int kKindConsumer = 5;
constexpr int kStatusError = 2;
constexpr int kSampledFlag = 1;

json text(std::string_view key, std::string_view value) { return {{"key", key}, {"value", {{"stringValue", value}}}}; }

// Of 64 bits, which JSON's numbers do not hold.
json number(std::string_view key, std::uint64_t value) {
  return {{"key", key}, {"value", {{"intValue", std::to_string(value)}}}};
}

std::string_view name_of(Span::Kind kind) {
  switch (kind) {
    case Span::Kind::kQueue:
      return "queue";
    case Span::Kind::kRun:
      return "run";
    case Span::Kind::kStoreSubmission:
      return "store submission";
    case Span::Kind::kStoreOutcome:
      return "store outcome";
    case Span::Kind::kTask:
      return "task";
  }
  return "?";
}

std::string_view name_of(core::State outcome) {
  switch (outcome) {
    case core::State::kSucceeded:
      return "succeeded";
    case core::State::kFailed:
      return "failed";
    case core::State::kCancelled:
      return "cancelled";
    default:
      return "";
  }
}

json attributes_of(const Span& span) {
  json attributes = json::array({text("futured.future", to_string(span.future)),
                                 text("futured.function", span.function), text("futured.executor", span.executor)});
  if (span.attempt > 0) attributes.push_back(number("futured.attempt", span.attempt));
  if (!span.worker.empty()) attributes.push_back(text("futured.worker", span.worker));
  const std::string_view outcome = name_of(span.outcome);
  if (!outcome.empty()) attributes.push_back(text("futured.outcome", outcome));
  if (!span.error_type.empty()) {
    attributes.push_back(text("error.type", span.error_type));
    attributes.push_back(text("futured.error.origin", to_string(span.error_origin)));
  }
  return attributes;
}

class Encoder {
 public:
  explicit Encoder(const core::Clock& clock) : now_(clock.now()), wall_time_(clock.wall_time()) {}

  json encode(const Span& span) const {
    json encoded = {{"traceId", core::to_hex(span.trace->trace)},
                    {"spanId", core::to_hex(span.id)},
                    {"flags", kSampledFlag},
                    {"name", std::string(name_of(span.kind)).append(" ").append(span.function)},
                    {"kind", span.kind == Span::Kind::kRun ? kKindConsumer : kKindInternal},
                    {"startTimeUnixNano", nanoseconds(span.begin)},
                    {"endTimeUnixNano", nanoseconds(span.end)},
                    {"attributes", attributes_of(span)}};
    // The root of a trace that the daemon began has none.
    if (span.trace->parent != span.id) encoded["parentSpanId"] = core::to_hex(span.trace->parent);
    if (!span.trace->state.empty()) encoded["traceState"] = span.trace->state;
    if (span.outcome == core::State::kFailed) encoded["status"] = {{"code", kStatusError}};
    return encoded;
  }

 private:
  std::string nanoseconds(core::Time time) const {
    const auto wall = std::chrono::nanoseconds(wall_time_.time_since_epoch()) - (now_ - time);
    return std::to_string(wall.count());
  }

  const core::Time now_;
  const core::WallTime wall_time_;
};

}  // namespace

std::string to_json(std::span<const Span> spans, const Resource& resource, const core::Clock& clock) {
  const Encoder encoder(clock);
  json encoded = json::array();
  for (const Span& span : spans) encoded.push_back(encoder.encode(span));
  const json scope = {{"name", "futured"}, {"version", resource.version}};
  const json about =
      json::array({text("service.name", resource.service_name), text("service.version", resource.version)});
  json scope_spans = {{"scope", scope}, {"spans", std::move(encoded)}};
  json resource_spans = {{"resource", {{"attributes", about}}}, {"scopeSpans", json::array({std::move(scope_spans)})}};
  const json request = {{"resourceSpans", json::array({std::move(resource_spans)})}};
  // Types of errors are whatever functions say.
  return request.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace futured::trace
