// Snapshots: what the table shows of futures, executors and itself. Plain copies.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/core/clock.h"
#include "server/core/executor.h"
#include "server/core/ids.h"
#include "server/core/outcome.h"
#include "server/core/progress.h"
#include "server/core/task_log.h"
#include "server/core/task_options.h"

namespace futured::core {

struct FutureSnapshot {
  FutureId id;
  // Place in the order of submission, for ListFilter::after.
  std::uint64_t sequence = 0;
  State state = State::kPending;
  std::string function;
  ExecutorIndex executor = 0;
  std::uint32_t attempt = 0;
  Time submitted;
  std::optional<Time> started;
  std::optional<Time> finished;
  // When a final one is forgotten.
  std::optional<Time> expires;
  // When one that waits for its time may begin.
  std::optional<Time> due;
  // When it fails unless it has ended.
  std::optional<Time> fails_at;
  // Empty where they are not kept: of one that has succeeded, and of some that an earlier daemon has stored.
  Bytes arguments;
  std::uint64_t arguments_size = 0;
  TaskOptions options;
  // Of the attempt before the current or next one.
  std::shared_ptr<const Error> last_error;
  // Only while it runs, and only if the function told any.
  std::optional<Progress> progress;
  // Lines that its attempts logged: those kept, and those dropped.
  std::uint64_t log_lines = 0;
  std::uint64_t log_lines_dropped = 0;
  Outcome outcome;
};

// What an observer of a future reads at once.
struct FutureNews {
  State state = State::kPending;
  std::uint32_t attempt = 0;
  // Null: while it does not run, and if the function told none.
  std::shared_ptr<const Progress> progress;
  // The next lines.
  std::vector<LogLine> lines;
  // Where they end, to be given back for those behind them.
  LogPosition position;
  // The last line that there was.
  std::uint64_t last_line = 0;
  // There are further lines.
  bool more = false;
};

// Which futures to list, and in which order.
struct ListFilter {
  // By when they were submitted.
  bool newest_first = false;
  // The sequence of the one behind which to begin; 0: at the first.
  std::uint64_t after = 0;
  // Empty: all.
  std::vector<State> states = {};
  std::string function = {};
  std::optional<ExecutorIndex> executor = std::nullopt;
  std::optional<SessionId> session = std::nullopt;
  // It has all of them, and maybe more.
  Labels labels = {};
  std::optional<Time> submitted_from = std::nullopt;
  std::optional<Time> submitted_before = std::nullopt;

  // Of two sequences.
  bool comes_before(std::uint64_t a, std::uint64_t b) const { return newest_first ? a > b : a < b; }
};

enum class ExecutorState { kActive, kPaused, kDraining };

struct ExecutorSnapshot {
  // Not owned.
  Executor* executor = nullptr;
  // Owned by the executor.
  const ExecutorDescription* description = nullptr;
  ExecutorState state = ExecutorState::kActive;
  std::uint64_t pending = 0;
  std::uint64_t running = 0;
  std::uint64_t succeeded = 0;
  std::uint64_t failed = 0;
  std::uint64_t cancelled = 0;
};

// Counters since the start, and gauges.
// Whether the daemon as a whole takes tasks. In the order in which one follows the other.
enum class Draining {
  kNo,
  // It takes none until it is told otherwise.
  kUntilResumed,
  // It ends.
  kForGood,
};

struct TableStats {
  std::uint64_t submitted = 0;
  std::uint64_t succeeded = 0;
  std::uint64_t failed = 0;
  std::uint64_t cancelled = 0;
  // Finished futures forgotten by age or because there were too many.
  std::uint64_t expired = 0;
  // Outcomes that came after the future's end, and were dropped.
  std::uint64_t late = 0;
  // Attempts that failed and are followed by another.
  std::uint64_t retried = 0;
  std::uint64_t refused = 0;

  std::uint64_t unfinished = 0;
  std::uint64_t unfinished_bytes = 0;
  // Lent to workers or running.
  std::uint64_t running = 0;
  std::uint64_t retained = 0;
  std::uint64_t owed = 0;
  std::uint64_t retained_bytes = 0;
  std::uint64_t subscribers = 0;
  std::uint64_t watches = 0;
  Draining draining = Draining::kNo;
};

}  // namespace futured::core
