// Reading what a future has logged.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "connector.h"
#include "futured/news.h"

namespace futured::detail {

struct LogTimeouts {
  // For the lines.
  std::chrono::milliseconds call;
  // For a daemon that is out of reach.
  std::chrono::milliseconds reconnect;
};

// The lines that the daemon keeps of a future, by number. Blocks within the timeouts. Throws ConnectionLost,
// UnknownFuture, Unauthenticated, Refused.
std::vector<LogLine> read_logs(const Connector& connector, const std::string& id, const LogTimeouts& timeouts);

}  // namespace futured::detail
