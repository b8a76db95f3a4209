// A line of the log, as text for people or as JSON for machines.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace futured::server {

enum class LogLevel { kDebug, kInfo, kWarning, kError };
enum class LogFormat { kText, kJson };

// A named value of a line. Keys are literals: they are not copied.
struct LogField {
  LogField(std::string_view k, std::string_view v) : key(k), value(v) {}
  LogField(std::string_view k, const char* v) : key(k), value(v) {}
  LogField(std::string_view k, const std::string& v) : key(k), value(v) {}
  template <std::integral T>
  LogField(std::string_view k, T v) : key(k), value(std::to_string(v)), is_number(true) {}

  std::string_view key;
  std::string value;
  // Written without quotes in JSON.
  bool is_number = false;
};

// The line, with a newline at its end and nowhere else:
//   2026-11-21T05:20:00.123Z INFO listening address=127.0.0.1:7070
//   {"time":"2026-11-21T05:20:00.123Z","level":"info","message":"listening","address":"127.0.0.1:7070"}
// Control characters (C0, DEL, C1), ends of lines, changes of the direction of writing and broken UTF-8 are escaped, so
// that a name or an error of a client can neither forge a line nor command a terminal. Texts are cut at `kMaxLogText`
// bytes.
inline constexpr std::size_t kMaxLogText = 4096;
std::string log_line(LogFormat format, std::chrono::system_clock::time_point time, LogLevel level,
                     std::string_view message, std::span<const LogField> fields);

}  // namespace futured::server
