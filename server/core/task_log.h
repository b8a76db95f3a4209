// TaskLogs: the last lines that the functions of futures logged, kept beside the records: the millions that never log
// pay nothing for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "server/core/bytes.h"
#include "server/core/clock.h"
#include "server/core/limits.h"

namespace futured::core {

// Of a line, bytes.
inline constexpr std::size_t kLongestLogLine = std::size_t{8} << 10;

// The first four were logged at that level, the others written to standard output and standard error.
enum class LineKind : std::uint8_t { kDebug, kInfo, kWarning, kError, kOutput, kErrors };

// A line that a function has logged.
struct NewLogLine {
  LineKind kind = LineKind::kInfo;
  // Valid UTF-8 of at most kLongestLogLine bytes.
  Bytes text = {};
};

// A line as it is kept.
struct LogLine {
  // Within its future, from 1, through all attempts. A gap is lines that were dropped.
  std::uint64_t number = 0;
  std::uint32_t attempt = 0;
  LineKind kind = LineKind::kInfo;
  // When the table heard of it.
  WallTime time;
  Bytes text;
};

// Where a reader of a future's lines is. Numbers begin anew with each daemon that a future runs in, so a number counts
// only within its series.
struct LogPosition {
  // Of a daemon; 0: of none.
  std::uint64_t series = 0;
  // The last line that was read, kept or not.
  std::uint64_t number = 0;

  bool operator==(const LogPosition&) const = default;
};

// The lines of a future that has ended, as a store keeps them.
struct StoredLog {
  // Series, and number of the last line that there was.
  LogPosition end;
  // By number.
  std::vector<LogLine> lines;
};

// The lines of one future.
class TaskLog {
 public:
  explicit TaskLog(std::uint64_t series) : end_{series, 0} {}

  // By number.
  std::span<const LogLine> lines() const { return std::span(lines_).subspan(gone_); }
  // What is not yet read at `position`; all, if that is of another series.
  std::span<const LogLine> after(const LogPosition& position) const;
  // Behind the last line that there was.
  LogPosition end() const { return end_; }
  // Lines that there were, and are not kept.
  std::uint64_t dropped() const { return end_.number - lines().size(); }

 private:
  friend class TaskLogs;

  std::vector<LogLine> lines_;
  // So many of them were dropped.
  std::size_t gone_ = 0;
  // Of the texts of those that are kept.
  std::uint64_t bytes_ = 0;
  LogPosition end_;
};

// By slot of the record. Above a limit of one future its oldest lines are dropped, above `max_log_memory` the oldest of
// all. Not thread-safe.
class TaskLogs {
 public:
  // `limits` must outlive it.
  explicit TaskLogs(const Limits& limits);

  // Null: it has logged nothing.
  const TaskLog* find(std::uint32_t slot) const;
  // The source itself has dropped `dropped` lines before these.
  void append(std::uint32_t slot, std::uint32_t attempt, std::span<const NewLogLine> lines, std::uint64_t dropped,
              WallTime now);
  // For the store; null if it has logged nothing.
  std::shared_ptr<const StoredLog> stored(std::uint32_t slot) const;
  void restore(std::uint32_t slot, const StoredLog& log);
  void erase(std::uint32_t slot);
  // Memory that all of it takes, in bytes.
  std::uint64_t memory() const { return memory_; }

 private:
  // What a future costs that has logged anything, with no line kept.
  static constexpr std::uint64_t kCostOfLog = 160;

  TaskLog& log_of(std::uint32_t slot);
  void add(TaskLog& log, LogLine line);
  void drop_oldest(TaskLog& log);
  void trim();
  // Around each change of a log.
  void forget_age(std::uint32_t slot, const TaskLog& log);
  void note_age(std::uint32_t slot, const TaskLog& log);
  static std::uint64_t cost_of(const LogLine& line) { return sizeof(LogLine) + line.text.heap_size(); }

  const Limits& limits_;
  // Of this daemon.
  const std::uint64_t series_;
  std::unordered_map<std::uint32_t, TaskLog> logs_;
  // The logs that have lines, by the time of the oldest.
  std::set<std::pair<WallTime, std::uint32_t>> by_age_;
  std::uint64_t memory_ = 0;
};

}  // namespace futured::core
