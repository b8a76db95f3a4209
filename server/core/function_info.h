// FunctionInfo: what the table remembers of a function of an executor: how long a call takes, and whether it suspends.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "server/core/clock.h"
#include "server/core/function_latencies.h"
#include "server/core/ids.h"

namespace futured::core {

struct FunctionInfo {
  std::string name;
  ExecutorIndex executor = 0;
  // Coroutines: they hold no worker while they are suspended.
  bool is_coroutine = false;
  // Each call has a lease of its own.
  bool is_alone = false;
  // Futures that name this function.
  std::uint64_t uses = 0;
  // Where its calls are counted. Not owned; shared by all that no executor knows.
  FunctionLatencies* latencies = nullptr;
  // Moving average of what a call takes; negative before the first.
  Duration estimate{-1};

  // Weighs the newest call at a quarter, so that four calls forget a mistake.
  void observe(Duration taken) { estimate = estimate.count() < 0 ? taken : (3 * estimate + taken) / 4; }
  // A call that goes on has taken this long already.
  void observe_at_least(Duration so_far) { estimate = std::max(estimate, so_far); }
};

// Functions by executor and name. Pointers stay valid while a function is pinned or in use. Not thread-safe.
class FunctionNames {
 public:
  // Makes `name` known for ever.
  void pin(ExecutorIndex executor, std::string_view name, bool is_coroutine, bool is_alone) {
    FunctionInfo* info = acquire(executor, name, 1);
    info->is_coroutine = is_coroutine;
    info->is_alone = is_alone;
    if (info->latencies->function.empty()) info->latencies = &latencies_.emplace_back(executor, info->name);
  }
  // Finds or adds `name` and counts `uses` more.
  FunctionInfo* acquire(ExecutorIndex executor, std::string_view name, std::uint64_t uses) {
    auto it = by_name_.find({executor, name});
    if (it == by_name_.end()) {
      auto info = std::make_unique<FunctionInfo>();
      info->name = name;
      info->executor = executor;
      info->latencies = &others_of(executor);
      const Key key{executor, info->name};
      it = by_name_.emplace(key, std::move(info)).first;
    }
    it->second->uses += uses;
    return it->second.get();
  }
  // Takes back one use; a name that nobody uses or pinned is dropped, so that made-up names cost nothing for long.
  void release(FunctionInfo* info) {
    if (--info->uses == 0) by_name_.erase(by_name_.find({info->executor, info->name}));
  }

  // Of all functions that executors know, and for each executor of the others. Never shrinks.
  const std::deque<FunctionLatencies>& latencies() const { return latencies_; }

 private:
  using Key = std::pair<ExecutorIndex, std::string_view>;
  struct KeyHash {
    std::size_t operator()(const Key& key) const {
      return std::hash<std::string_view>()(key.second) ^ std::size_t{key.first} << 48;
    }
  };

  FunctionLatencies& others_of(ExecutorIndex executor) {
    for (std::size_t i = others_.size(); i <= executor; ++i) {
      others_.push_back(&latencies_.emplace_back(static_cast<ExecutorIndex>(i), std::string_view()));
    }
    return *others_[executor];
  }

  // Addresses stay valid.
  std::deque<FunctionLatencies> latencies_;
  // By executor.
  std::vector<FunctionLatencies*> others_;
  // The keys point into the values.
  std::unordered_map<Key, std::unique_ptr<FunctionInfo>, KeyHash> by_name_;
};

}  // namespace futured::core
