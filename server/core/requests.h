// What a FutureTable is asked for, and what it answers.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "server/core/account.h"
#include "server/core/bytes.h"
#include "server/core/executor.h"
#include "server/core/ids.h"
#include "server/core/task_options.h"

namespace futured::core {

// A task to be accepted.
struct NewTask {
  FutureId id;
  Bytes arguments;
  // For the watcher's event.
  std::uint64_t token = 0;
  // Set by create(), which has to compare with futures whose arguments are gone.
  std::uint64_t arguments_hash = 0;
  // The daemon drew the ID, from its own session.
  bool is_drawn = false;
};

// Tasks of one function with the same options.
struct TaskGroup {
  std::string_view function;
  ExecutorIndex executor = 0;
  // Without a timeout the daemon's maximum or default counts.
  TaskOptions options = {};
  // Their arguments are moved from.
  std::span<NewTask> tasks = {};
  // Who submits them.
  AccountIndex account = kDaemonAccount;
};

// A future and the number under which a subscriber knows it.
struct WatchRequest {
  FutureId id;
  std::uint64_t token = 0;
};

// kForce: as kCooperative, and an executor that can kills what has not stopped within the grace.
enum class CancelMode { kPending, kCooperative, kForce };
// kCancelled: by this call; kAlreadyCancelled: by an earlier one. kStopEnforced: asked to stop, and killed after the
// grace.
enum class CancelEffect {
  kCancelled,
  kAlreadyCancelled,
  kRunning,
  kStopRequested,
  kStopEnforced,
  kFinished,
  kNotFound
};
inline bool was_asked_to_stop(CancelEffect effect) {
  return effect == CancelEffect::kStopRequested || effect == CancelEffect::kStopEnforced;
}

// What a cancel of many has done.
struct CancelCounts {
  std::uint64_t cancelled = 0;
  std::uint64_t stop_requested = 0;
};

enum class ForgetEffect { kForgotten, kUnfinished, kNotFound };

}  // namespace futured::core
