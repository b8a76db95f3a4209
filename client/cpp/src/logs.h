// Reading what a future has logged.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "connector.h"
#include "futured/news.h"

namespace futured::detail {

// The lines that the daemon keeps of a future, by number. Waits at most `timeout`. Throws ConnectionLost,
// UnknownFuture, Unauthenticated, Refused.
std::vector<LogLine> read_logs(const Connector& connector, const std::string& id, std::chrono::milliseconds timeout);

}  // namespace futured::detail
