// The daemon's executors, and their table.
#pragma once

#include <string>
#include <vector>

#include "client/cli/connection.h"

namespace futured::cli {

// The daemon's first before the others. Throws Failure.
std::vector<v1::Executor> list_executors(Connection& connection, Connection::Kind kind = Connection::Kind::kShort);

// `rates`: futures ended a second, for each executor; empty: no such column.
std::string executor_table(const std::vector<v1::Executor>& executors, const std::vector<double>& rates = {});

// The worker processes of all of them.
std::string worker_table(const std::vector<v1::Executor>& executors);

}  // namespace futured::cli
