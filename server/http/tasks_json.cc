#include "server/http/tasks_json.h"

#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>

namespace futured::http {
namespace {

using nlohmann::json;

// Microseconds are as much as anybody sees.
double milliseconds(core::WallTime time) {
  const std::chrono::duration<double, std::micro> since = time.time_since_epoch();
  return std::round(since.count()) / 1000;
}

const char* text_of(core::State outcome) {
  switch (outcome) {
    case core::State::kSucceeded:
      return "succeeded";
    case core::State::kFailed:
      return "failed";
    default:
      return "cancelled";
  }
}

}  // namespace

std::string tasks_json(const core::TasksSeen& seen, std::span<const core::ExecutorSnapshot> executors,
                       core::WallTime time) {
  const auto wall = [&](core::Time at) {
    return milliseconds(time - std::chrono::duration_cast<core::WallTime::duration>(seen.now - at));
  };
  json tasks = json::array();
  for (const auto* samples : {&seen.ended, &seen.running}) {
    for (const core::TaskSample& sample : *samples) {
      tasks.push_back({{"id", to_string(sample.id)},
                       {"function", sample.function},
                       {"executor", executors[sample.executor].description->name},
                       {"worker", sample.worker ? json(*sample.worker) : json()},
                       {"started", wall(sample.started)},
                       {"ended", sample.ended ? json(wall(*sample.ended)) : json()},
                       {"outcome", sample.ended ? json(text_of(sample.outcome)) : json()}});
    }
  }
  json shown = json::array();
  for (const core::ExecutorSnapshot& executor : executors) {
    const core::ExecutorDescription& description = *executor.description;
    shown.push_back({{"name", description.name}, {"kind", description.kind}, {"workers", description.max_workers}});
  }
  const json event = {
      {"now", milliseconds(time)}, {"seen", seen.count}, {"executors", std::move(shown)}, {"tasks", std::move(tasks)}};
  return event.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace futured::http
