// eventually: waits for what nobody announces: another process, gRPC's threads, a gauge. Where somebody can be told,
// use a Gate (gate.h).
#pragma once

#include <chrono>
#include <thread>

namespace futured::testing {

// Longer than anything that works takes, also under sanitizers on a busy machine.
inline constexpr std::chrono::seconds kPatience{60};

// Looks again and again. False: the condition has not become true within kPatience.
template <class Condition>
bool eventually(const Condition& condition) {
  for (const auto end = std::chrono::steady_clock::now() + kPatience; std::chrono::steady_clock::now() < end;) {
    if (condition()) return true;
    // So that those who are waited for get the processor.
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

}  // namespace futured::testing
