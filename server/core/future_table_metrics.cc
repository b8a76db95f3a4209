// FutureTable: what it can be watched by.
#include <algorithm>

#include "server/core/future_table_state.h"

namespace futured::core {
namespace {

// Lines that are looked at under the lock.
constexpr std::size_t kMostLines = 1024;

}  // namespace

TableMetrics FutureTable::metrics() const {
  TableMetrics metrics;
  MutexLock lock(mu_);
  const Time now = clock_.now();
  metrics.stats = stats_locked();
  metrics.draining = draining_;
  metrics.executors.reserve(executors_.size());
  for (const auto& entry : executors_) {
    ExecutorMetrics& executor = metrics.executors.emplace_back();
    executor.snapshot = snapshot_locked(*entry);
    executor.delayed = entry->waiting;
    executor.retried = entry->retried;
    executor.failures = entry->failures;
    if (const auto ready = oldest_ready_locked(*entry)) executor.oldest_pending = now - *ready;
  }
  metrics.functions.assign(functions_.latencies().begin(), functions_.latencies().end());
  return metrics;
}

ExecutorSnapshot FutureTable::snapshot_locked(const ExecutorEntry& entry) const {
  return {&entry.executor, &entry.executor.describe(), entry.state,   entry.queue.size() + entry.waiting,
          entry.running,   entry.succeeded,            entry.failed,  entry.cancelled};
}

// Within a line the one at the head is the oldest.
std::optional<Time> FutureTable::oldest_ready_locked(const ExecutorEntry& entry) const {
  std::optional<Time> oldest;
  entry.queue.for_each_head(kMostLines, [&](std::uint32_t slot) FUTURED_REQUIRES(mu_) {
    const Time ready = records_[slot].ready();
    oldest = oldest ? std::min(*oldest, ready) : ready;
  });
  return oldest;
}

}  // namespace futured::core
