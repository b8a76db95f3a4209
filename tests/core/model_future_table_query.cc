// ModelFutureTable: waiting, forgetting, counting.
#include <algorithm>

#include "tests/core/model_future_table.h"

namespace futured::testing {

using core::FutureId;
using core::State;
using core::SubscriberId;
using core::Time;
using Kind = core::Event::Kind;
using Phase = ModelEntry::Phase;

// --- Waiting.

void ModelFutureTable::add_subscriber(SubscriberId id, core::AccountIndex account) {
  outboxes_[id].clear();
  waiters_[id] = account;
  ++counters_.subscribers;
}

void ModelFutureTable::remove_subscriber(SubscriberId id, Time now) {
  for (const ModelEvent& event : outboxes_.at(id)) {
    if (event.kind == Kind::kFinished) pay(event, now);
  }
  for (auto& [future_id, future] : futures_) {
    std::erase_if(future.watches, [id](const auto& watch) { return watch.first == id; });
  }
  outboxes_.erase(id);
  waiters_.erase(id);
  --counters_.subscribers;
  evict(now);
}

bool ModelFutureTable::subscribe(SubscriberId id, const std::vector<core::WatchRequest>& requests, bool report_unknown,
                                 Time now) {
  const core::AccountIndex caller = waiters_.at(id);
  const bool all_known =
      std::ranges::all_of(requests, [&](const auto& request) { return is_visible(caller, request.id); });
  if (!report_unknown && !all_known) return false;
  for (const core::WatchRequest& request : requests) {
    if (is_visible(caller, request.id)) {
      watch(id, request.id, request.token, now);
    } else {
      outboxes_.at(id).push_back({request.token, Kind::kUnknown, request.id, 0, {}});
    }
  }
  return true;
}

void ModelFutureTable::watch(SubscriberId id, FutureId future_id, std::uint64_t token, Time now) {
  ModelFuture& future = futures_.at(future_id);
  if (is_final(future.state)) {
    if (++future.owed == 1) keep(future, now);
    outboxes_.at(id).push_back({token, Kind::kFinished, future_id, future.instance, {}});
    return;
  }
  future.watches.emplace_back(id, token);
  if (future.state == State::kRunning) {
    outboxes_.at(id).push_back({token, Kind::kStarted, future_id, future.instance, {}});
  }
}

std::vector<ModelEvent> ModelFutureTable::drain(SubscriberId id, std::size_t most, std::size_t most_bytes, Time now,
                                                bool& left) {
  std::vector<ModelEvent>& outbox = outboxes_.at(id);
  std::vector<ModelEvent> events;
  std::size_t bytes = 0;
  while (!outbox.empty() && events.size() < most) {
    ModelEvent event = outbox.front();
    const auto known = futures_.find(event.id);
    const bool gone = known == futures_.end() || known->second.instance != event.instance;
    if (event.kind == Kind::kFinished && !gone) {
      const std::size_t size = known->second.outcome.size();
      if (bytes > 0 && bytes + size > most_bytes) break;
      bytes += size;
      event.outcome = known->second.outcome;
      pay(event, now);
    }
    outbox.erase(outbox.begin());
    if (event.kind == Kind::kStarted && (gone || is_final(known->second.state))) continue;
    if (gone) event.kind = Kind::kUnknown;
    events.push_back(event);
  }
  left = !outbox.empty();
  evict(now);
  return events;
}

void ModelFutureTable::pay(const ModelEvent& event, Time now) {
  const auto future = futures_.find(event.id);
  if (future == futures_.end() || future->second.instance != event.instance) return;
  if (--future->second.owed == 0) keep(future->second, now);
}

// --- Keeping and forgetting.

void ModelFutureTable::keep(ModelFuture& future, Time now) {
  future.kept_order = ++last_kept_;
  if (future.owed == 0) future.expires = now + (future.retention.count() < 0 ? limits_.retention : future.retention);
}

std::optional<FutureId> ModelFutureTable::due(Time now) const {
  // Of the default time the one kept first; of their own time the one that expires first; of owed ones the first.
  const std::pair<const FutureId, ModelFuture>* by_order = nullptr;
  const std::pair<const FutureId, ModelFuture>* by_time = nullptr;
  const std::pair<const FutureId, ModelFuture>* owed = nullptr;
  std::uint64_t count = 0;
  std::uint64_t bytes = 0;
  for (const auto& each : futures_) {
    const ModelFuture& future = each.second;
    if (!future.published) continue;
    bytes += future.kept_bytes();
    count += future.owed == 0;
    if (future.owed > 0) {
      if (owed == nullptr || future.kept_order < owed->second.kept_order) owed = &each;
    } else if (future.retention.count() < 0) {
      if (by_order == nullptr || future.kept_order < by_order->second.kept_order) by_order = &each;
    } else if (by_time == nullptr ||
               std::pair(future.expires, future.slot) < std::pair(by_time->second.expires, by_time->second.slot)) {
      by_time = &each;
    }
  }
  const bool time_first =
      by_time != nullptr && (by_order == nullptr || by_time->second.expires < by_order->second.expires);
  const auto* first = time_first ? by_time : by_order;
  const bool too_many_bytes = bytes > limits_.max_retained_bytes;
  if (first == nullptr) return too_many_bytes && owed != nullptr ? std::optional(owed->first) : std::nullopt;
  const bool crowded = too_many_bytes || count > limits_.max_retained;
  return crowded || first->second.expires <= now ? std::optional(first->first) : std::nullopt;
}

void ModelFutureTable::evict(Time now) {
  while (const auto id = due(now)) {
    ++counters_.expired;
    erase(*id);
  }
}

void ModelFutureTable::erase(FutureId id) {
  free_slots_.push_back(futures_.at(id).slot);
  futures_.erase(id);
}

void ModelFutureTable::release(FutureId id, std::uint64_t instance) {
  const auto future = futures_.find(id);
  if (future == futures_.end() || future->second.instance != instance || !is_final(future->second.state)) return;
  if (future->second.owed == 0 && future->second.retention.count() < 0) erase(id);
}

core::ForgetEffect ModelFutureTable::forget(core::AccountIndex caller, FutureId id) {
  using Effect = core::ForgetEffect;
  const auto future = futures_.find(id);
  if (!is_visible(caller, id)) return Effect::kNotFound;
  if (!is_final(future->second.state)) return Effect::kUnfinished;
  erase(id);
  return Effect::kForgotten;
}

// --- Counting.

core::TableStats ModelFutureTable::stats() const {
  core::TableStats stats = counters_;
  for (const auto& [id, future] : futures_) {
    if (is_final(future.state)) {
      (future.owed > 0 ? stats.owed : stats.retained) += 1;
      stats.retained_bytes += future.kept_bytes();
    } else {
      ++stats.unfinished;
      stats.unfinished_bytes += future.arguments.size();
      stats.watches += future.watches.size();
    }
  }
  for (const auto& [key, lane] : lanes_) stats.running += lane.running;
  return stats;
}

std::uint64_t ModelFutureTable::pending(core::ExecutorIndex executor) const {
  std::uint64_t count = 0;
  for (const auto& [key, lane] : lanes_) count += key.executor == executor ? lane.queue.size() : 0;
  for (const auto& [id, future] : futures_) count += future.executor == executor && future.due ? 1 : 0;
  return count;
}

}  // namespace futured::testing
