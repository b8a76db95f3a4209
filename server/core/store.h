// Store: where futures survive. The table tells it every change; the store says when a change is safe.
#pragma once

#include <functional>
#include <vector>

#include "server/core/bytes.h"
#include "server/core/ids.h"
#include "server/core/outcome.h"

namespace futured::core {

// One change of one future's state.
struct Transition {
  FutureId id;
  // Equal to `to` for a new future.
  State from = State::kPending;
  State to = State::kPending;
  std::uint32_t attempt = 0;
  // For a new future.
  std::string function;
  std::string executor;
  Bytes arguments;
  // For a final state.
  Outcome outcome;
};

// May be called from any thread, never with a lock of the table held.
class Store {
 public:
  virtual ~Store() = default;
  // False: this store keeps nothing, and the table spares itself building transitions.
  virtual bool wants_transitions() const = 0;
  // Records the changes, which may be none. Calls come one at a time, in the order in which the changes happened. Calls
  // `when_durable` exactly once, when these and all earlier ones are safe, possibly before returning, from any thread.
  virtual void append(std::vector<Transition> transitions, std::function<void()> when_durable) = 0;
};

}  // namespace futured::core
