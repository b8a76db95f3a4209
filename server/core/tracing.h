// Tracing: which futures have spans, and what these are.
//
// The IDs of spans follow from the future's ID, so that nothing has to be kept of them: a daemon that takes over a
// future gives its spans the parents that the one before gave to its functions.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "server/core/record.h"
#include "server/core/span.h"

namespace futured::core {

struct TracingSettings {
  // Not owned; outlives the table. Null: there are no spans, and functions are given the traces of their callers.
  SpanSink* sink = nullptr;
  // Of the tasks whose callers record no trace, this share is recorded, from 0 to 1.
  double sample = 0;
  // What the IDs of new traces are made from, besides those of the futures: drawn for each daemon.
  std::uint64_t secret = 0;
};

// The table's part of it, under its lock. A future without a trace costs a test for null.
class Tracing {
 public:
  explicit Tracing(const TracingSettings& settings);

  SpanSink* sink() const { return settings_.sink; }
  // Some tasks without a recorded trace get one.
  bool samples() const { return settings_.sink != nullptr && settings_.sample > 0; }
  // For a new future: chooses it by its ID, and then gives it a trace that is recorded. REQUIRES: samples().
  void choose(Record& record) const;

  // Its spans are recorded.
  bool records(const Record& record) const {
    const TaskPolicy* const policy = record.options.policy.get();
    return policy != nullptr && policy->trace && policy->trace->sampled && settings_.sink != nullptr;
  }
  // What an attempt's function is told; null: nothing.
  std::unique_ptr<EntryTrace> given(const Record& record) const;

  // What follows is for futures that are recorded. `executor` is its name.

  // An attempt ends, or a future that waits for one. Before anything of that is changed in the record.
  void ended(const Record& record, std::uint32_t slot, const std::string& executor, const Outcome& outcome, Time now,
             std::vector<Span>& spans) const;
  // The future ends.
  void finished(const Record& record, const std::string& executor, const Outcome& outcome, Time now,
                std::vector<Span>& spans) const;
  // There will be another attempt, or not.
  void queued_again(std::uint32_t slot, Time now) { queued_again_.insert_or_assign(slot, now); }
  void forget(std::uint32_t slot) { queued_again_.erase(slot); }
  Span span(Span::Kind kind, const Record& record, const std::string& executor, Time begin, Time end) const;

 private:
  const TracingSettings settings_;
  // A future is chosen if the hash of its ID is below.
  const std::uint64_t chosen_below_;
  // When the last attempt of a recorded future ended that will have another. By slot.
  std::unordered_map<std::uint32_t, Time> queued_again_;
};

}  // namespace futured::core
