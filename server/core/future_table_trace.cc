// FutureTable: spans of futures whose traces are recorded.
#include <utility>

#include "server/core/future_table_state.h"

namespace futured::core {

void FutureTable::trace_end_locked(std::uint32_t slot, const Outcome& outcome, bool is_last, Time now,
                                   Effects& effects) {
  const Record& record = records_[slot];
  if (!tracing_.records(record)) return;
  const std::string& executor = executors_[record.executor]->executor.describe().name;
  tracing_.ended(record, slot, executor, outcome, now, effects.spans);
  if (is_last) {
    tracing_.finished(record, executor, outcome, now, effects.spans);
    tracing_.forget(slot);
  } else {
    tracing_.queued_again(slot, now);
  }
}

void FutureTable::trace_store_locked(Span::Kind kind, const Record& record, Time begin) {
  if (!tracing_.records(record)) return;
  const std::string& executor = executors_[record.executor]->executor.describe().name;
  outgoing_.spans.push_back(tracing_.span(kind, record, executor, begin, begin));
}

}  // namespace futured::core
