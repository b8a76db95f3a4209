// Logger: lines of what happens in the daemon, for people and machines.
//
// A thread of its own writes them. Whoever logs never waits for the reader of the log: when the reader is too slow, the
// oldest lines that wait are dropped, counted, and the count is logged. A reader that has gone does no harm either.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string_view>

#include "server/core/clock.h"
#include "server/log_line.h"

namespace futured::server {

// May be used from any thread.
class Logger {
 public:
  struct Settings {
    LogLevel level = LogLevel::kInfo;
    LogFormat format = LogFormat::kText;
    // Where to write; stays the caller's.
    int descriptor = 2;
    // Lines that may wait.
    std::size_t queue = 8192;
  };

  // `clock` must outlive the logger.
  Logger(const Settings& settings, const core::Clock& clock);
  // Writes the lines that wait, for at most half a second.
  ~Logger();
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;

  // Whether lines of that level are written, for those that cost something to make.
  bool writes(LogLevel level) const { return level >= settings_.level; }
  void log(LogLevel level, std::string_view message, std::span<const LogField> fields);

  void debug(std::string_view message, std::initializer_list<LogField> fields = {}) {
    log(LogLevel::kDebug, message, {fields.begin(), fields.size()});
  }
  void info(std::string_view message, std::initializer_list<LogField> fields = {}) {
    log(LogLevel::kInfo, message, {fields.begin(), fields.size()});
  }
  void warning(std::string_view message, std::initializer_list<LogField> fields = {}) {
    log(LogLevel::kWarning, message, {fields.begin(), fields.size()});
  }
  void error(std::string_view message, std::initializer_list<LogField> fields = {}) {
    log(LogLevel::kError, message, {fields.begin(), fields.size()});
  }

  // Blocks until the lines logged so far are written, for at most half a second.
  void flush();

  // Lines that were dropped because too many waited or the descriptor failed.
  std::uint64_t dropped() const;

 private:
  struct Writer;

  const Settings settings_;
  const core::Clock& clock_;
  std::unique_ptr<Writer> writer_;
};

}  // namespace futured::server
