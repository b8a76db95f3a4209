// Logger: lines of what happens in the daemon, for people and machines.
//
// A thread of its own writes them. Whoever logs never waits for the reader of the log: when the reader is too slow, the
// oldest lines that wait are dropped, counted, and the count is logged. A reader that has gone does no harm either. Of
// lines that are alike ten a second are written; how many more there were is told by one with the field `repeated`,
// before the next line of any kind.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "server/core/clock.h"
#include "server/core/mutex.h"
#include "server/log_line.h"
#include "server/log_repeats.h"

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
    // Lines that are alike within a second.
    std::uint64_t repeats = 10;
  };

  // `clock` must outlive the logger.
  Logger(const Settings& settings, const core::Clock& clock);
  // Writes the lines that wait, for at most half a second.
  ~Logger();
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;

  // Whether lines of that level are written, for those that cost something to make.
  bool writes(LogLevel level) const { return level >= settings_.level; }
  // No payload and no secret may be in it: it is written as it is told.
  void log(LogLevel level, std::string_view message, std::span<const LogField> fields) FUTURED_EXCLUDES(mu_);

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
  void flush() FUTURED_EXCLUDES(mu_);

  // Lines that were dropped because too many waited or the descriptor failed.
  std::uint64_t dropped() const;

 private:
  struct Writer;

  void write(LogLevel level, std::string_view message, std::span<const LogField> fields);
  void tell_repeated(std::vector<LogRepeats::Repeated> all);

  const Settings settings_;
  const core::Clock& clock_;
  core::Mutex mu_;
  LogRepeats repeats_ FUTURED_GUARDED_BY(mu_);
  std::unique_ptr<Writer> writer_;
};

}  // namespace futured::server
