// What a step of a session does once its mutex is released.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "future_state.h"
#include "futured/v1/session.pb.h"
#include "stream.h"

namespace futured::detail {

// Gathered under the mutex, performed without it. Nothing of gRPC, no thread and no user code is touched before.
struct Effects {
  enum class Write { kNone, kStart, kMessage, kHalfClose };
  using Delay = std::optional<std::chrono::steady_clock::duration>;

  std::vector<std::shared_ptr<Signal>> signals;  // To set.
  std::vector<StatePtr> callbacks;               // Futures that are done and have callbacks.
  std::vector<StatePtr> progress;                // Those that have news for progress callbacks.
  bool window_opened = false;                    // Blocked submits may go on.
  bool changed = false;                          // Blocked shutdowns look again.
  Write write = Write::kNone;                    // On `stream`.
  std::shared_ptr<Stream> stream;
  const v1::SessionRequest* message = nullptr;
  std::shared_ptr<Stream> released;
  std::shared_ptr<Stream> cancelled;
  // Timers to arm.
  Delay acknowledge;
  Delay retry;
  Delay reconnect;
  Delay give_up;
};

}  // namespace futured::detail
