// Figures: all that the daemon can be watched by, at one moment. What /metrics and /v1/events show.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "server/core/executor.h"
#include "server/core/future_table.h"
#include "server/core/limits.h"
#include "server/core/reason.h"
#include "server/core/store.h"
#include "server/http/http_stats.h"
#include "server/http/process_stats.h"

namespace futured::http {

// What neither the table nor the store knows.
struct DaemonFigures {
  // Of gRPC's listener.
  std::uint64_t connections = 0;
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_shed = 0;
  std::uint64_t connections_unread = 0;
  std::uint64_t descriptors_exhausted = 0;
  // Open Session streams; calls that wait, AsCompleted streams among them.
  std::uint64_t sessions = 0;
  std::uint64_t waiting_calls = 0;
  std::uint64_t log_lines_dropped = 0;
  // Spans that the collector of traces has taken, and those that were dropped; requests to it that failed.
  std::uint64_t spans_exported = 0;
  std::uint64_t spans_dropped = 0;
  std::uint64_t span_exports_failed = 0;
};

// Of one executor.
struct WorkerFigures {
  // Worker processes and programs, by WorkerSnapshot::State.
  std::array<std::uint64_t, 4> by_state{};
  core::WorkerCounts counts;
};

struct Figures {
  core::TableMetrics table;
  std::vector<core::AccountSnapshot> accounts;
  // In the order of the table's executors.
  std::vector<WorkerFigures> workers;
  core::StoreStats store;
  // The store refuses new futures.
  bool store_refuses = false;
  DaemonFigures daemon;
  HttpCounts http;
  ProcessStats process;
  // By Reason.
  std::array<std::uint64_t, core::kReasons.size()> refusals{};
};

// Where figures come from. Not owned.
struct Sources {
  core::FutureTable& table;
  const core::Store& store;
  // The daemon's. Thread-safe.
  std::function<DaemonFigures()> daemon;
  // What is constant.
  core::Limits limits = {};
  std::uint64_t max_connections = 0;
  std::string version = {};
};

// Takes each lock for a moment, and no two at once. Thread-safe.
Figures collect(const Sources& sources, const HttpStats& http);

}  // namespace futured::http
