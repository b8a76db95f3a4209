#include "server/core/tracing.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace futured::core {
namespace {

// What a hash is for.
enum Purpose : std::uint64_t { kChoice = 1, kTraceHigh, kTraceLow, kFirstSpan };
constexpr unsigned kKinds = 5;

std::uint64_t hash(FutureId id, std::uint64_t secret, std::uint64_t purpose) {
  std::uint64_t x = hash_words(id.high, id.low, secret + purpose * 0x9e3779b97f4a7c15U);
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9U;
  x = (x ^ x >> 27) * 0x94d049bb133111ebU;
  return x ^ x >> 31;
}

// 0 would be none.
std::uint64_t nonzero(std::uint64_t number) { return number == 0 ? 1 : number; }

SpanId span_id(FutureId id, Span::Kind kind, std::uint32_t attempt) {
  return nonzero(hash(id, 0, kFirstSpan + static_cast<std::uint64_t>(kind) + std::uint64_t{attempt} * kKinds));
}

std::uint64_t threshold(double share) {
  if (share >= 1) return std::numeric_limits<std::uint64_t>::max();
  return static_cast<std::uint64_t>(std::ldexp(std::max(0.0, share), 64));
}

}  // namespace

Tracing::Tracing(const TracingSettings& settings) : settings_(settings), chosen_below_(threshold(settings.sample)) {}

void Tracing::choose(Record& record) const {
  if (records(record) || hash(record.id, settings_.secret, kChoice) > chosen_below_) return;
  TaskPolicy policy = record.options.policy == nullptr ? TaskPolicy() : *record.options.policy;
  TraceContext context;
  if (policy.trace) {
    context = *policy.trace;
  } else {
    context.trace = {nonzero(hash(record.id, settings_.secret, kTraceHigh)),
                     hash(record.id, settings_.secret, kTraceLow)};
    context.parent = span_id(record.id, Span::Kind::kTask, 0);
  }
  context.sampled = true;
  policy.trace = SharedTrace(std::move(context));
  record.options.policy = std::make_shared<const TaskPolicy>(std::move(policy));
}

std::unique_ptr<EntryTrace> Tracing::given(const Record& record) const {
  const TaskPolicy* const policy = record.options.policy.get();
  if (policy == nullptr || !policy->trace) return nullptr;
  auto given = std::make_unique<EntryTrace>();
  given->context = *policy->trace;
  if (records(record)) given->context.parent = span_id(record.id, Span::Kind::kRun, record.attempt);
  return given;
}

void Tracing::ended(const Record& record, std::uint32_t slot, const std::string& executor, const Outcome& outcome,
                    Time now, std::vector<Span>& spans) const {
  const auto again = queued_again_.find(slot);
  const Time queued = again == queued_again_.end() ? record.submitted : again->second;
  const bool begun = record.started != Time();
  const bool counted = begun || record.starting || record.lease != nullptr;
  const std::uint32_t attempt = record.attempt + (counted ? 0 : 1);
  const auto add = [&](Span::Kind kind, Time begin, Time end) -> Span& {
    Span& added = spans.emplace_back(span(kind, record, executor, begin, end));
    added.attempt = attempt;
    added.id = span_id(record.id, kind, attempt);
    return added;
  };
  Span* last = &add(Span::Kind::kQueue, queued, begun ? record.started : now);
  if (begun) last = &add(Span::Kind::kRun, record.started, now);
  last->outcome = outcome.state;
  if (record.lease != nullptr) {
    const LeaseEntry& entry = (*record.lease)[record.lease_entry];
    // Until it has ended its worker may be writing there.
    if (entry.phase.load(std::memory_order_acquire) >= LeaseEntry::Phase::kDone && entry.trace != nullptr) {
      last->worker = entry.trace->worker;
    }
  }
  if (outcome.error == nullptr) return;
  last->error_type = outcome.error->type;
  last->error_origin = outcome.error->origin;
  if (last->worker.empty()) last->worker = outcome.error->worker;
}

void Tracing::finished(const Record& record, const std::string& executor, const Outcome& outcome, Time now,
                       std::vector<Span>& spans) const {
  const SpanId root = span_id(record.id, Span::Kind::kTask, 0);
  if (record.options.policy->trace->parent != root) return;
  Span& added = spans.emplace_back(span(Span::Kind::kTask, record, executor, record.submitted, now));
  added.outcome = outcome.state;
}

Span Tracing::span(Span::Kind kind, const Record& record, const std::string& executor, Time begin, Time end) const {
  Span span;
  span.kind = kind;
  span.trace = record.options.policy->trace;
  span.id = span_id(record.id, kind, 0);
  span.future = record.id;
  span.attempt = record.attempt;
  span.begin = std::min(begin, end);
  span.end = end;
  span.function = record.function->name;
  span.executor = executor;
  if (is_final(record.state)) span.outcome = record.state;
  return span;
}

}  // namespace futured::core
