#include "server/http/events_json.h"

#include <google/protobuf/util/time_util.h>

#include <chrono>
#include <nlohmann/json.hpp>

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

std::string events_json(const Figures& figures, core::WallTime time) {
  json executors = json::array();
  for (std::size_t i = 0; i < figures.workers.size(); ++i) {
    executors.push_back(to_json(figures.table.executors[i], figures.workers[i]));
  }
  const core::TableStats& stats = figures.table.stats;
  std::uint64_t refused = 0;
  for (const std::uint64_t count : figures.refusals) refused += count;
  const json event = {{"time", text_of(time)},
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
                        {"waiters", stats.subscribers},
                        {"connections", figures.daemon.connections},
                        {"residentBytes", figures.process.resident_bytes},
                        {"draining", figures.table.draining}}}};
  return event.dump();
}

}  // namespace futured::http
