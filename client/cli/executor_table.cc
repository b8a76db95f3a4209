#include "client/cli/executor_table.h"

#include <cmath>
#include <cstddef>

#include "client/cli/names.h"
#include "client/cli/table.h"

namespace futured::cli {

std::vector<v1::Executor> list_executors(Connection& connection, Connection::Kind kind) {
  const auto response =
      connection.call(connection.executors(), &v1::ExecutorService::Stub::List, v1::ExecutorServiceListRequest(), kind);
  return {response.executors().begin(), response.executors().end()};
}

std::string executor_table(const std::vector<v1::Executor>& executors, const std::vector<double>& rates) {
  Table::Row titles{"EXECUTOR", "KIND", "STATE", "WORKERS", "PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"};
  if (!rates.empty()) titles.emplace_back("ENDED/S");
  Table table(titles);
  for (std::size_t i = 0; i < executors.size(); ++i) {
    const v1::Executor& executor = executors[i];
    Table::Row row{executor.name(),
                   executor.kind(),
                   short_name(v1::ExecutorState_Name(executor.state()), "EXECUTOR_STATE_"),
                   std::to_string(executor.max_workers()),
                   std::to_string(executor.pending()),
                   std::to_string(executor.running()),
                   std::to_string(executor.succeeded()),
                   std::to_string(executor.failed()),
                   std::to_string(executor.cancelled())};
    if (!rates.empty()) row.push_back(std::to_string(std::llround(rates[i])));
    table.add(row);
  }
  return table.text();
}

}  // namespace futured::cli
