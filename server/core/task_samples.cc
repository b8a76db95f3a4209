#include "server/core/task_samples.h"

#include <algorithm>
#include <utility>

namespace futured::core {

// Which tasks are chosen need not be a secret.
TaskSamples::TaskSamples(std::size_t workers)
    : most_of_each_(std::max<std::size_t>(1, kKept / std::max<std::size_t>(1, workers))), random_(workers) {}

TaskSample* TaskSamples::add(ExecutorIndex executor, const std::optional<std::uint32_t>& worker) {
  ++seen_;
  const std::size_t place = worker ? std::size_t{*worker} + 1 : 0;
  if (reservoirs_.size() <= executor) reservoirs_.resize(std::size_t{executor} + 1);
  auto& of_executor = reservoirs_[executor];
  if (of_executor.size() <= place) of_executor.resize(place + 1);
  Reservoir& reservoir = of_executor[place];
  ++reservoir.seen;
  if (reservoir.kept.size() < most_of_each_) return &reservoir.kept.emplace_back();
  const std::uint64_t chosen = random_below(reservoir.seen);
  return chosen < most_of_each_ ? &reservoir.kept[chosen] : nullptr;
}

std::vector<TaskSample> TaskSamples::take(std::size_t most) {
  std::vector<Reservoir*> full;
  for (auto& of_executor : reservoirs_) {
    for (Reservoir& reservoir : of_executor) {
      if (!reservoir.kept.empty()) full.push_back(&reservoir);
    }
  }
  // What small ones leave of their share is for the larger ones.
  std::ranges::sort(full, {}, [](const Reservoir* reservoir) { return reservoir->kept.size(); });
  std::vector<TaskSample> taken;
  for (std::size_t i = 0; i < full.size(); ++i) {
    take_from(*full[i], (most - taken.size()) / (full.size() - i), taken);
  }
  reservoirs_.clear();
  seen_ = 0;
  return taken;
}

// By chance again: the first ones of a reservoir are the oldest.
void TaskSamples::take_from(Reservoir& reservoir, std::size_t most, std::vector<TaskSample>& taken) {
  auto& kept = reservoir.kept;
  const std::size_t count = std::min(most, kept.size());
  for (std::size_t i = 0; i < count; ++i) {
    std::swap(kept[i], kept[i + random_below(kept.size() - i)]);
    taken.push_back(std::move(kept[i]));
  }
}

// SplitMix64.
std::uint64_t TaskSamples::random_below(std::uint64_t end) {
  std::uint64_t z = random_ += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return ((z ^ (z >> 31)) >> 32) * end >> 32;
}

}  // namespace futured::core
