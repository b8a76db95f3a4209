// The rules of what the daemon promises, applied to what is known of one future.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/crash/records.h"

namespace futured::crash {

// What happened so long ago the daemon has handed to its store. Generous, as a busy machine takes its time.
inline constexpr std::chrono::nanoseconds kSurelyRecorded = std::chrono::milliseconds(250);
// Workers are gone so long after their daemon.
inline constexpr std::chrono::nanoseconds kWorkersEnd = std::chrono::seconds(1);

// The daemon's lives, from 1.
class Lives {
 public:
  void begin(std::uint64_t at) { lives_.push_back({at, std::nullopt}); }
  // The last one ends. Where nobody knows when one died, this is not called.
  void end(std::uint64_t at);
  // The last one ends, and nothing after that counts, although the daemon goes on for a moment: Linux 6.18 was seen to
  // tell that a sync succeeded which came while the power was being cut. A little of it may have happened in time.
  void cut(std::uint64_t at);
  // What was handed to the store before that time, in the life it is of, is stored. However slow the disk is, a client
  // has seen that.
  void stored(std::uint64_t before);

  std::uint64_t count() const { return lives_.size(); }
  // The one at a time; 0: before the first.
  std::uint64_t at(std::uint64_t time) const;
  // Nothing: unknown.
  std::optional<std::uint64_t> death_of(std::uint64_t life) const;
  // Whether what was at a time in a life is known to be stored.
  bool is_safe(std::uint64_t life, std::uint64_t time) const;
  // Whether that came after the power was cut in its life.
  bool is_cut_off(std::uint64_t life, std::uint64_t time) const;
  // Whether an execution of a life began after its workers have to be gone.
  bool is_of_the_dead(const Execution& execution) const;

 private:
  struct Life {
    std::uint64_t began = 0;
    std::optional<std::uint64_t> died;
    bool was_cut = false;
    // Everything before.
    std::uint64_t stored = 0;
  };
  std::vector<Life> lives_;
};

struct History {
  // When that was heard first.
  std::optional<std::uint64_t> accepted_at;
  bool released = false;
  bool unknown = false;
  bool untold = false;
  // Something was heard of it that does not count.
  bool cut_off = false;
  std::optional<std::uint64_t> cancelled_at;
  // As told first.
  std::optional<Fact> outcome;
  std::vector<Execution> executions;
};

struct Findings {
  std::vector<std::string> wrong_outcomes;
  std::vector<std::string> wrong_executions;
  // Executions of an attempt that an earlier life had begun.
  std::uint64_t repeated = 0;
  // Executions of further attempts.
  std::uint64_t retried = 0;
  // Attempts that count as begun, though the function has not come to its first line. At a death that may be so of
  // what each worker has just begun.
  std::uint64_t unexplained = 0;
  // What runs at most once, and was not begun: it counts as begun a little before, as do those that begin with it.
  std::uint64_t reserved = 0;
  // It ended as DaemonRestarted and was not begun again because the record of its beginning was safe; a life is known
  // in which that must have been so.
  bool held = false;
};

// What is wrong with a future that was accepted, or that nobody knows to have been.
Findings examine(std::uint64_t key, const History& history, const Lives& lives);

}  // namespace futured::crash
