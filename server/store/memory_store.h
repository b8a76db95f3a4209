// MemoryStore: futures live in the table alone, and end with the daemon.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "server/core/store.h"

namespace futured::store {

class MemoryStore final : public core::Store {
 public:
  bool wants_transitions() const override { return false; }
  // As safe as it will ever be.
  void append(std::vector<core::Transition>, std::function<void()> when_durable) override { when_durable(); }
};

}  // namespace futured::store
