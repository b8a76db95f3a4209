#include "server/trace/otlp_json.h"

#include <chrono>
#include <cstdint>
#include <string_view>

#include "server/trace/json_text.h"

namespace futured::trace {
namespace {

using core::Span;

// Of opentelemetry.proto.trace.v1.
constexpr int kKindInternal = 1;
constexpr int kKindConsumer = 5;

// Bytes around the spans, and of one. Only a guess, so that the text need not grow.
constexpr std::size_t kFrame = 512;
constexpr std::size_t kUsualSpan = 700;

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

// Keys are plain.
void append_text(std::string_view key, std::string_view value, std::string& out) {
  out.append(R"({"key":")").append(key).append(R"(","value":{"stringValue":)");
  append_json_string(value, out);
  out += "}}";
}

// Of 64 bits, which JSON's numbers do not hold.
void append_number(std::string_view key, std::int64_t value, std::string& out) {
  out.append(R"({"key":")").append(key).append(R"(","value":{"intValue":")");
  append_decimal(value, out);
  out += R"("}})";
}

void append_attributes(const Span& span, std::string& out) {
  append_text("futured.future", to_string(span.future), out);
  const auto add = [&](std::string_view key, std::string_view value) {
    out += ',';
    append_text(key, value, out);
  };
  add("futured.function", span.function);
  add("futured.executor", span.executor);
  if (span.attempt > 0) {
    out += ',';
    append_number("futured.attempt", span.attempt, out);
  }
  if (!span.worker.empty()) add("futured.worker", span.worker);
  const std::string_view outcome = name_of(span.outcome);
  if (!outcome.empty()) add("futured.outcome", outcome);
  if (span.error_type.empty()) return;
  add("error.type", span.error_type);
  add("futured.error.origin", to_string(span.error_origin));
}

class Encoder {
 public:
  explicit Encoder(const core::Clock& clock) : now_(clock.now()), wall_time_(clock.wall_time()) {}

  void append(const Span& span, std::string& out) const {
    append_ids(span, out);
    if (!span.trace->state.empty()) {
      out += R"(,"traceState":)";
      append_json_string(span.trace->state, out);
    }
    out += R"(,"flags":1,"name":)";
    append_json_string(std::string(name_of(span.kind)).append(" ").append(span.function), out);
    out += R"(,"kind":)";
    append_decimal(span.kind == Span::Kind::kRun ? kKindConsumer : kKindInternal, out);
    append_time("startTimeUnixNano", span.begin, out);
    append_time("endTimeUnixNano", span.end, out);
    out += R"(,"attributes":[)";
    append_attributes(span, out);
    out += ']';
    if (span.outcome == core::State::kFailed) out += R"(,"status":{"code":2})";
    out += '}';
  }

 private:
  static void append_ids(const Span& span, std::string& out) {
    out += R"({"traceId":")";
    out += core::to_hex(span.trace->trace);
    out += R"(","spanId":")";
    out += core::to_hex(span.id);
    // The root of a trace that the daemon began has none.
    if (span.trace->parent != span.id) {
      out += R"(","parentSpanId":")";
      out += core::to_hex(span.trace->parent);
    }
    out += '"';
  }

  void append_time(std::string_view key, core::Time time, std::string& out) const {
    const auto wall = std::chrono::nanoseconds(wall_time_.time_since_epoch()) - (now_ - time);
    out.append(",\"").append(key).append("\":\"");
    append_decimal(wall.count(), out);
    out += '"';
  }

  const core::Time now_;
  const core::WallTime wall_time_;
};

void append_resource(const Resource& resource, std::string& out) {
  out += R"({"attributes":[)";
  append_text("service.name", resource.service_name, out);
  out += ',';
  append_text("service.version", resource.version, out);
  out += "]}";
}

}  // namespace

std::string to_json(std::span<const Span> spans, const Resource& resource, const core::Clock& clock) {
  std::string out;
  out.reserve(kFrame + spans.size() * kUsualSpan);
  out += R"({"resourceSpans":[{"resource":)";
  append_resource(resource, out);
  out += R"(,"scopeSpans":[{"scope":{"name":"futured","version":)";
  append_json_string(resource.version, out);
  out += R"(},"spans":[)";
  const Encoder encoder(clock);
  for (const Span& span : spans) {
    if (&span != spans.data()) out += ',';
    encoder.append(span, out);
  }
  return out.append("]}]}]}");
}

}  // namespace futured::trace
