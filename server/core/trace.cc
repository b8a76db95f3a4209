#include "server/core/trace.h"

#include <algorithm>

namespace futured::core {
namespace {

// VERSION-TRACE-PARENT-FLAGS
constexpr std::size_t kTraceAt = 3;
constexpr std::size_t kParentAt = 36;
constexpr std::size_t kFlagsAt = 53;
constexpr std::size_t kLength = 55;
constexpr std::size_t kDigits = 16;
constexpr unsigned kSampled = 1;
constexpr unsigned kForbiddenVersion = 0xff;

// Of digits in lower case only, as the specification has it.
std::optional<std::uint64_t> hex(std::string_view digits) {
  std::uint64_t number = 0;
  for (const char c : digits) {
    const bool letter = c >= 'a' && c <= 'f';
    if (!letter && (c < '0' || c > '9')) return std::nullopt;
    number = number << 4 | static_cast<std::uint64_t>(letter ? c - 'a' + 10 : c - '0');
  }
  return number;
}

void append_hex(std::uint64_t number, std::size_t digits, std::string& out) {
  constexpr const char* kHex = "0123456789abcdef";
  out.resize(out.size() + digits);
  char* end = out.data() + out.size();
  for (; digits > 0; --digits, number >>= 4) *--end = kHex[number & 0xf];
}

// Later versions may have more behind a dash.
bool has_form(std::string_view text, std::uint64_t version) {
  if (text.size() < kLength || text[kTraceAt - 1] != '-' || text[kParentAt - 1] != '-' || text[kFlagsAt - 1] != '-') {
    return false;
  }
  return text.size() == kLength || (version > 0 && text[kLength] == '-');
}

bool is_tracestate(std::string_view text) {
  return text.size() <= kLongestTracestate &&
         std::ranges::all_of(text, [](char c) { return (c >= ' ' && c <= '~') || c == '\t'; });
}

}  // namespace

std::optional<TraceContext> parse_trace(std::string_view traceparent, std::string_view tracestate) {
  const auto version = hex(traceparent.substr(0, 2));
  if (!version || *version == kForbiddenVersion || !has_form(traceparent, *version)) return std::nullopt;
  const auto high = hex(traceparent.substr(kTraceAt, kDigits));
  const auto low = hex(traceparent.substr(kTraceAt + kDigits, kDigits));
  const auto parent = hex(traceparent.substr(kParentAt, kDigits));
  const auto flags = hex(traceparent.substr(kFlagsAt, 2));
  if (!high || !low || !parent || !flags || (*high | *low) == 0 || *parent == 0) return std::nullopt;
  TraceContext context{{*high, *low}, *parent, (*flags & kSampled) != 0, {}};
  if (is_tracestate(tracestate)) context.state = tracestate;
  return context;
}

std::string traceparent_of(const TraceContext& context) {
  std::string text = "00-";
  text.append(to_hex(context.trace)).append("-").append(to_hex(context.parent));
  return text.append(context.sampled ? "-01" : "-00");
}

std::string to_hex(TraceId id) {
  std::string text;
  text.reserve(2 * kDigits);
  append_hex(id.high, kDigits, text);
  append_hex(id.low, kDigits, text);
  return text;
}

std::string to_hex(SpanId id) {
  std::string text;
  text.reserve(kDigits);
  append_hex(id, kDigits, text);
  return text;
}

}  // namespace futured::core
