// Trace: which trace a task belongs to, as W3C Trace Context has it in `traceparent` and `tracestate`.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace futured::core {

// 0 is none.
struct TraceId {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  bool operator==(const TraceId&) const = default;
};
using SpanId = std::uint64_t;

struct TraceContext {
  TraceId trace;
  // The span that what comes is a part of.
  SpanId parent = 0;
  // Its spans are recorded.
  bool sampled = false;
  // What systems of tracing tell each other, as it came. At most kLongestTracestate bytes of printable ASCII.
  std::string state;

  bool operator==(const TraceContext&) const = default;
};

inline constexpr std::size_t kLongestTracestate = 512;

// Reads what a client sent. Nothing: `traceparent` is malformed, so that the task has no trace. A `tracestate` that is
// too long or is no printable ASCII counts as empty. Never fails: who traces badly is served as anybody else.
std::optional<TraceContext> parse_trace(std::string_view traceparent, std::string_view tracestate);

// "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
std::string traceparent_of(const TraceContext& context);

// In lower case, of 32 and 16 digits.
std::string to_hex(TraceId id);
std::string to_hex(SpanId id);

// The trace of some tasks, which share it; most have none. Equal if what it says is.
class SharedTrace {
 public:
  SharedTrace() = default;
  explicit SharedTrace(TraceContext context) : context_(std::make_shared<const TraceContext>(std::move(context))) {}

  explicit operator bool() const { return context_ != nullptr; }
  const TraceContext& operator*() const { return *context_; }
  const TraceContext* operator->() const { return context_.get(); }
  bool operator==(const SharedTrace& other) const {
    return context_ == other.context_ ||
           (context_ != nullptr && other.context_ != nullptr && *context_ == *other.context_);
  }

 private:
  std::shared_ptr<const TraceContext> context_;
};

}  // namespace futured::core
