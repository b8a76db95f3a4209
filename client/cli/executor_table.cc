#include "client/cli/executor_table.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>

#include "client/cli/duration.h"
#include "client/cli/names.h"
#include "client/cli/table.h"

namespace futured::cli {
namespace {

// "basic" of "basic: no new privileges, …".
std::string profile(const v1::Executor& executor) {
  return executor.sandbox().empty() ? "-" : executor.sandbox().substr(0, executor.sandbox().find(':'));
}

// By the clock of this machine.
std::string age(const v1::Worker& worker) {
  using google::protobuf::util::TimeUtil;
  const std::chrono::nanoseconds started(TimeUtil::TimestampToNanoseconds(worker.start_time()));
  const auto age = std::chrono::system_clock::now().time_since_epoch() - started;
  return show_duration(std::max(age, std::chrono::nanoseconds(0)));
}

}  // namespace

std::vector<v1::Executor> list_executors(Connection& connection, Connection::Kind kind) {
  const auto response = connection.call(&v1::ExecutorService::Stub::List, v1::ExecutorServiceListRequest(), kind);
  return {response.executors().begin(), response.executors().end()};
}

std::string executor_table(const std::vector<v1::Executor>& executors, const std::vector<double>& rates) {
  Table::Row titles{"EXECUTOR", "KIND",      "STATE",  "WORKERS",   "PENDING",
                    "RUNNING",  "SUCCEEDED", "FAILED", "CANCELLED", "SANDBOX"};
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
                   std::to_string(executor.cancelled()),
                   profile(executor)};
    if (!rates.empty()) row.push_back(std::to_string(std::llround(rates[i])));
    table.add(row);
  }
  return table.text();
}

std::string worker_table(const std::vector<v1::Executor>& executors) {
  Table table({"EXECUTOR", "WORKER", "PID", "STATE", "TASKS", "AGE"});
  for (const v1::Executor& executor : executors) {
    for (const v1::Worker& worker : executor.workers()) {
      table.add({executor.name(), worker.name(), std::to_string(worker.pid()),
                 short_name(v1::WorkerState_Name(worker.state()), "WORKER_STATE_"), std::to_string(worker.tasks()),
                 age(worker)});
    }
  }
  return table.text();
}

}  // namespace futured::cli
