// State: where a future is in its life, and which steps are allowed.
//
//            submit              start                finish
//   (absent) ───────► kPending ─────────► kRunning ──────────► kSucceeded, kFailed
//                         │ ▲                 │ │
//                         │ └── next attempt ─┘ │
//                         └─── cancel ──────────┴────────────► kCancelled
//
// A worker that took a task and has not reported yet may finish it straight from kPending: kRunning is recorded only
// for tasks that run long enough to be seen (see lease.h). So the next attempt may also follow from kPending.
#pragma once

#include <cstdint>
#include <string_view>

namespace futured::core {

enum class State : std::uint8_t { kPending, kRunning, kSucceeded, kFailed, kCancelled };

constexpr bool is_final(State state) { return state >= State::kSucceeded; }

// Whether a future may go from one state to another.
constexpr bool may_follow(State from, State to) {
  return !is_final(from) && (from == State::kPending || to != State::kRunning);
}

constexpr std::string_view to_string(State state) {
  switch (state) {
    case State::kPending:
      return "PENDING";
    case State::kRunning:
      return "RUNNING";
    case State::kSucceeded:
      return "SUCCEEDED";
    case State::kFailed:
      return "FAILED";
    case State::kCancelled:
      return "CANCELLED";
  }
  return "?";
}

}  // namespace futured::core
