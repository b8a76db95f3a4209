// What is told of a future before its end.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace futured {

// How far a running function is, as it says itself by Context::progress().
struct Progress {
  double fraction = 0;  // 0 to 1. It may go back.
  std::string message;
};

// What a line of a log is: logged at a level, or written to standard output or error.
enum class LogKind : std::uint8_t { kDebug, kInfo, kWarning, kError, kStdout, kStderr };

// A line that a function has logged.
struct LogLine {
  std::uint64_t number = 0;  // From 1, through all attempts. A gap is lines that the daemon dropped.
  unsigned attempt = 0;      // The attempt that logged it.
  std::chrono::system_clock::time_point time;
  LogKind kind = LogKind::kInfo;
  std::string text;  // Maybe with control characters in it.
};

}  // namespace futured
