// Outgoing: changes that the store has yet to be told, and what happens once they are safe.
#pragma once

#include <functional>
#include <vector>

#include "server/core/span.h"
#include "server/core/store.h"
#include "server/core/subscriber.h"

namespace futured::core {

struct Outgoing {
  std::vector<Transition> transitions;
  // Futures that have ended, and nobody may know yet.
  std::vector<Handle> finished;
  std::vector<std::function<void()>> when_durable;
  // Of the store; they end when the rest is safe.
  std::vector<Span> spans;

  bool empty() const { return transitions.empty() && when_durable.empty(); }
};

}  // namespace futured::core
