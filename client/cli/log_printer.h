// LogPrinter: the lines that futures have logged, for people or as JSON.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "futured/v1/future.pb.h"

namespace futured::cli {

class LogPrinter {
 public:
  // With `names` each line tells its future.
  LogPrinter(bool json, bool names) : json_(json), names_(names) {}

  // What is new of one, as lines with their ends. As text: with marks where another attempt begins, and where lines
  // were dropped. Nothing of it can move the cursor, or look like another line.
  std::string text_of(const v1::FutureNews& news);
  // After the last news: marks where lines were dropped at the end.
  std::string rest();

 private:
  struct Printed {
    // Of the last line that was printed, or told to be dropped.
    std::uint64_t number = 0;
    std::uint32_t attempt = 0;
    std::uint64_t last_line = 0;
  };

  void add_line(const std::string& id, const v1::LogLine& line, std::string& out);
  void add_gap(const std::string& id, std::uint64_t lines, std::string& out) const;
  void add_mark(const std::string& id, const std::string& what, std::string& out) const;
  std::string name_of(const std::string& id) const { return names_ ? id + " " : ""; }

  const bool json_;
  const bool names_;
  std::map<std::string, Printed> printed_;
};

}  // namespace futured::cli
