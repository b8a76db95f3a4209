#include "server/exec/process/output_lines.h"

#include <algorithm>

#include "server/core/task_log.h"

namespace futured::exec {

void OutputLines::take(std::string_view bytes, core::Time now) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view part = bytes.substr(0, end);
    line_.append(part.substr(0, core::kLongestLogLine - std::min(core::kLongestLogLine, line_.size())));
    if (end == std::string_view::npos) return;
    write_line(now);
    bytes.remove_prefix(end + 1);
  }
}

void OutputLines::end(core::Time now) {
  if (!line_.empty()) write_line(now);
  tell_dropped();
}

void OutputLines::write_line(core::Time now) {
  if (limit_.allows(now)) {
    tell_dropped();
    sink_.line(line_);
  }
  line_.clear();
}

void OutputLines::tell_dropped() {
  if (const std::size_t dropped = limit_.take_dropped(); dropped > 0) sink_.dropped(dropped);
}

}  // namespace futured::exec
