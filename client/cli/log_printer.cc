#include "client/cli/log_printer.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>

#include "client/cli/json_value.h"
#include "client/cli/names.h"
#include "client/cli/printable.h"

namespace futured::cli {
namespace {

// Of a time and the blank after it.
constexpr std::size_t kTimeWidth = 25;

// "2025-01-31T12:00:00.123Z"
std::string show_time(google::protobuf::Timestamp time) {
  constexpr int kMillisecond = 1'000'000;
  char fraction[16];
  std::snprintf(fraction, sizeof fraction, ".%03dZ", time.nanos() / kMillisecond);
  time.set_nanos(0);
  std::string text = google::protobuf::util::TimeUtil::ToString(time);
  text.pop_back();
  return text + fraction;
}

std::string kind_of(const v1::LogLine& line) { return short_name(v1::LogKind_Name(line.kind()), "LOG_KIND_"); }

Json to_json(const std::string& id, const v1::LogLine& line) {
  return {{"id", id},
          {"number", line.number()},
          {"attempt", line.attempt()},
          {"time", google::protobuf::util::TimeUtil::ToString(line.time())},
          {"kind", kind_of(line)},
          {"text", line.text()}};
}

// Lines after the first are moved to the right, so that none looks like a line of the log.
std::string indented(const std::string& text, std::size_t by) {
  std::string out;
  for (const char c : text) {
    out += c;
    if (c == '\n') out.append(by, ' ');
  }
  return out;
}

}  // namespace

std::string LogPrinter::text_of(const v1::FutureNews& news) {
  std::string out;
  for (const v1::LogLine& line : news.lines()) {
    if (json_) {
      out += dump(to_json(news.id(), line)) + '\n';
    } else {
      add_line(news.id(), line, out);
    }
  }
  printed_[news.id()].last_line = news.last_line();
  return out;
}

std::string LogPrinter::rest() {
  std::string out;
  for (auto& [id, printed] : printed_) {
    if (!json_ && printed.last_line > printed.number) add_gap(id, printed.last_line - printed.number, out);
    printed.number = printed.last_line;
  }
  return out;
}

void LogPrinter::add_line(const std::string& id, const v1::LogLine& line, std::string& out) {
  Printed& printed = printed_[id];
  if (line.number() <= printed.number) {
    add_mark(id, "the daemon was started again; what came before is lost", out);
    printed = {};
  }
  if (line.number() > printed.number + 1) add_gap(id, line.number() - printed.number - 1, out);
  if (line.attempt() != std::max(printed.attempt, 1U)) {
    add_mark(id, "attempt " + std::to_string(line.attempt()), out);
  }
  printed.number = line.number();
  printed.attempt = line.attempt();
  // So wide that texts stand below each other.
  constexpr std::size_t kKindWidth = 8;
  std::string head = name_of(id) + show_time(line.time()) + " " + kind_of(line);
  head.resize(name_of(id).size() + kTimeWidth + kKindWidth, ' ');
  out += head + indented(printable(line.text(), true), head.size()) + '\n';
}

void LogPrinter::add_gap(const std::string& id, std::uint64_t lines, std::string& out) const {
  add_mark(id, std::to_string(lines) + (lines == 1 ? " line was dropped" : " lines were dropped"), out);
}

void LogPrinter::add_mark(const std::string& id, const std::string& what, std::string& out) const {
  out += name_of(id) + "-- " + what + " --\n";
}

}  // namespace futured::cli
