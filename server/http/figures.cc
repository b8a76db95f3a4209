#include "server/http/figures.h"

#include "server/core/refusals.h"

namespace futured::http {
namespace {

WorkerFigures workers_of(const core::Executor& executor) {
  WorkerFigures figures;
  figures.counts = executor.worker_counts();
  for (const core::WorkerSnapshot& worker : executor.workers()) {
    ++figures.by_state[static_cast<std::size_t>(worker.state)];
  }
  return figures;
}

}  // namespace

Figures collect(const Sources& sources, const HttpStats& http) {
  Figures figures;
  figures.table = sources.table.metrics();
  figures.accounts = sources.table.accounts();
  for (const core::ExecutorMetrics& executor : figures.table.executors) {
    figures.workers.push_back(workers_of(*executor.snapshot.executor));
  }
  figures.store = sources.store.stats();
  figures.store_refuses = sources.store.refusal().has_value();
  figures.daemon = sources.daemon();
  figures.http = http.counts();
  figures.process = process_stats();
  for (const core::ReasonRow& row : core::kReasons) {
    figures.refusals[static_cast<std::size_t>(row.reason)] = core::refusals(row.reason);
  }
  return figures;
}

}  // namespace futured::http
