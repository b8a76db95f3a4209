#include "server/exec/log_lines.h"

#include "futured/valid_text.h"

namespace futured::exec {

core::LineKind kind_of(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return core::LineKind::kDebug;
    case LogLevel::kInfo:
      return core::LineKind::kInfo;
    case LogLevel::kWarning:
      return core::LineKind::kWarning;
    case LogLevel::kError:
      return core::LineKind::kError;
  }
  return core::LineKind::kInfo;
}

core::NewLogLine bounded_line(core::LineKind kind, std::string_view text) {
  return {kind, core::Bytes(valid_text(text, core::kLongestLogLine))};
}

}  // namespace futured::exec
