// Verdict: whether what happened is what the daemon promises.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "tests/crash/records.h"

namespace futured::crash {

struct Verdict {
  std::uint64_t lives = 0;
  std::uint64_t accepted = 0;
  // The same, by session.
  std::map<std::uint32_t, std::uint64_t> accepted_of;
  std::uint64_t finished = 0;
  // Outcomes that were told more than once, all equal unless `violations` says otherwise.
  std::uint64_t told_again = 0;
  std::uint64_t cancelled = 0;
  std::uint64_t expired = 0;
  std::uint64_t restarted = 0;
  // Of these, those on threads, which run one at a time each; without those that run at most once.
  std::uint64_t restarted_on_threads = 0;
  // DaemonRestarted, with the record of the start surely safe.
  std::uint64_t held = 0;
  // DaemonRestarted, or an attempt used up, and the function did not come to its first line: on threads, in processes,
  // and of what runs at most once.
  std::uint64_t unexplained_on_threads = 0;
  std::uint64_t unexplained_elsewhere = 0;
  std::uint64_t reserved = 0;
  std::uint64_t executions = 0;
  // Begun again in another life of the daemon, as the record of the first beginning had not become durable.
  std::uint64_t repeated = 0;
  // Begun for a further attempt.
  std::uint64_t retried = 0;
  // Of tasks that run at most once.
  std::uint64_t at_most_once = 0;

  // Accepted, not released by the client, and then unknown.
  std::uint64_t unknown = 0;
  // Accepted, and without an outcome at the end.
  std::uint64_t unfinished = 0;
  // Told, not released, and not told again.
  std::uint64_t untold = 0;
  std::uint64_t two_outcomes = 0;
  std::uint64_t wrong_outcomes = 0;
  // More than the workers can have made.
  std::uint64_t too_many_restarted = 0;
  // More than rules.h allows of one future.
  std::uint64_t wrong_executions = 0;
  // The first of each kind, for people.
  std::vector<std::string> violations;

  bool holds() const {
    return unknown + unfinished + untold + two_outcomes + wrong_outcomes + too_many_restarted + wrong_executions == 0;
  }
};

// Both in the order in which they were written.
Verdict judge(std::span<const Fact> facts, std::span<const Execution> executions);

// What a run must have met so that its verdict says something: names of what it has not. `least`: submissions
// acknowledged, in all.
std::vector<std::string> missing(const Verdict& verdict, std::uint64_t least);

std::string describe(const Verdict& verdict);

}  // namespace futured::crash
