#include "server/http/events_json.h"

#include <google/protobuf/util/time_util.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

namespace futured::http {
namespace {

using nlohmann::json;

std::string text_of(core::WallTime time) {
  const auto since = time.time_since_epoch();
  return google::protobuf::util::TimeUtil::ToString(google::protobuf::util::TimeUtil::MillisecondsToTimestamp(
      std::chrono::duration_cast<std::chrono::milliseconds>(since).count()));
}

const char* text_of(core::ExecutorState state) {
  switch (state) {
    case core::ExecutorState::kActive:
      return "EXECUTOR_STATE_ACTIVE";
    case core::ExecutorState::kPaused:
      return "EXECUTOR_STATE_PAUSED";
    default:
      return "EXECUTOR_STATE_DRAINING";
  }
}

// Only of what there was.
json to_json(const Latencies& latencies) {
  json object = json::object();
  const std::pair<const char*, const TimeCounts*> kinds[] = {{"queueing", &latencies.queueing},
                                                             {"running", &latencies.running}};
  for (const auto& [name, counts] : kinds) {
    if (const auto median = counts->quantile(0.5)) {
      object[name] = {{"p50", *median}, {"p90", *counts->quantile(0.9)}, {"p99", *counts->quantile(0.99)}};
    }
  }
  return object;
}

// Failed futures, by whose fault it was.
json failures_of(const core::ExecutorMetrics& executor) {
  json object = json::object();
  for (std::size_t i = 0; i < core::kOrigins; ++i) {
    object[std::string(to_string(static_cast<core::Origin>(i)))] = executor.failures[i];
  }
  return object;
}

json to_json(const core::ExecutorMetrics& executor, const WorkerFigures& workers) {
  const core::ExecutorSnapshot& snapshot = executor.snapshot;
  const auto oldest = std::chrono::duration<double>(executor.oldest_pending.value_or(core::Duration(0)));
  json object = {{"name", snapshot.description->name},
                 {"kind", snapshot.description->kind},
                 {"state", text_of(snapshot.state)},
                 {"maxWorkers", snapshot.description->max_workers},
                 {"pending", snapshot.pending},
                 {"delayed", executor.delayed},
                 {"oldestPendingSeconds", oldest.count()},
                 {"running", snapshot.running},
                 {"succeeded", snapshot.succeeded},
                 {"failed", snapshot.failed},
                 {"cancelled", snapshot.cancelled},
                 {"failures", failures_of(executor)},
                 {"retried", executor.retried}};
  if (snapshot.description->can_kill) {
    const auto& states = workers.by_state;
    object["workers"] = {{"starting", states[0]},
                         {"idle", states[1]},
                         {"busy", states[2]},
                         {"ending", states[3]},
                         {"started", workers.counts.started},
                         {"lost", workers.counts.lost}};
  }
  return object;
}

}  // namespace

std::string events_json(const Figures& figures, const EventAbout& about) {
  json executors = json::array();
  for (std::size_t i = 0; i < figures.workers.size(); ++i) {
    json& executor = executors.emplace_back(to_json(figures.table.executors[i], figures.workers[i]));
    if (i < about.latencies.size()) executor["latency"] = to_json(about.latencies[i]);
  }
  const core::TableStats& stats = figures.table.stats;
  std::uint64_t refused = 0;
  for (const std::uint64_t count : figures.refusals) refused += count;
  std::uint64_t streams = 0;
  for (const core::AccountSnapshot& account : figures.accounts) streams += account.streams;
  const json event = {{"time", text_of(about.time)},
                      {"version", about.version},
                      {"uptimeSeconds", std::chrono::duration<double>(about.uptime).count()},
                      {"executors", std::move(executors)},
                      {"counters",
                       {{"submitted", stats.submitted},
                        {"succeeded", stats.succeeded},
                        {"failed", stats.failed},
                        {"cancelled", stats.cancelled},
                        {"retried", stats.retried},
                        {"expired", stats.expired},
                        {"refused", refused}}},
                      {"gauges",
                       {{"unfinished", stats.unfinished},
                        {"unfinishedBytes", stats.unfinished_bytes},
                        {"retained", stats.retained},
                        {"retainedBytes", stats.retained_bytes},
                        {"sessions", figures.daemon.sessions},
                        {"streams", streams},
                        {"waiters", stats.subscribers},
                        {"connections", figures.daemon.connections},
                        {"residentBytes", figures.process.resident_bytes},
                        {"draining", figures.table.draining}}}};
  return event.dump();
}

}  // namespace futured::http
