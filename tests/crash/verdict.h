// Verdict: whether what happened is what the daemon promises.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tests/crash/records.h"

namespace futured::crash {

struct Verdict {
  std::uint64_t accepted = 0;
  std::uint64_t finished = 0;
  // Outcomes that were told more than once, all equal unless `violations` says otherwise.
  std::uint64_t told_again = 0;
  std::uint64_t restarted = 0;
  std::uint64_t executions = 0;
  // Begun again in another life of the daemon, as the record of the first beginning had not become durable.
  std::uint64_t repeated = 0;
  // Accepted, not released by the client, and then unknown or without an outcome.
  std::uint64_t lost = 0;
  std::uint64_t two_outcomes = 0;
  std::uint64_t wrong_outcomes = 0;
  // A second execution in one life of the daemon; one after the outcome was told; one of a future that was cancelled
  // before it began; or none of one that has a result.
  std::uint64_t wrong_executions = 0;
  // The first of each kind, for people.
  std::vector<std::string> violations;

  bool holds() const { return lost + two_outcomes + wrong_outcomes + wrong_executions == 0; }
};

// Both in the order in which they were written.
Verdict judge(std::span<const Fact> facts, std::span<const Execution> executions);

std::string describe(const Verdict& verdict);

}  // namespace futured::crash
