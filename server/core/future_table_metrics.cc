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
  metrics.draining = draining_ != Draining::kNo;
  metrics.executors.reserve(executors_.size());
  for (const auto& entry : executors_) {
    ExecutorMetrics& executor = metrics.executors.emplace_back();
    executor.snapshot = entry->snapshot();
    executor.delayed = entry->waiting;
    executor.retried = entry->retried;
    executor.failures = entry->failures;
    if (const auto ready = entry->oldest_ready(records_)) executor.oldest_pending = now - *ready;
  }
  metrics.functions.assign(functions_.latencies().begin(), functions_.latencies().end());
  return metrics;
}

ExecutorSnapshot FutureTable::ExecutorEntry::snapshot() const {
  return {&executor, &executor.describe(), state, queue.size() + waiting, running, succeeded, failed, cancelled};
}

std::uint32_t FutureTable::ExecutorEntry::take_worker() {
  if (free_workers.empty()) return workers++;
  const std::uint32_t worker = free_workers.back();
  free_workers.pop_back();
  return worker;
}

// Within a line the one at the head is the oldest.
std::optional<Time> FutureTable::ExecutorEntry::oldest_ready(const Records& records) const {
  std::optional<Time> oldest;
  queue.for_each_head(kMostLines, [&](std::uint32_t slot) {
    const Time ready = records[slot].ready();
    oldest = oldest ? std::min(*oldest, ready) : ready;
  });
  return oldest;
}

}  // namespace futured::core
