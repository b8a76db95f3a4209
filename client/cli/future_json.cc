#include "client/cli/future_json.h"

#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/time_util.h>

#include <string>

#include "client/cli/names.h"
#include "client/cli/outcome.h"

namespace futured::cli {

using google::protobuf::util::TimeUtil;

Json to_json(const v1::Progress& progress) {
  Json json = {{"fraction", progress.fraction()}, {"report_time", TimeUtil::ToString(progress.report_time())}};
  if (!progress.message().empty()) json["message"] = progress.message();
  return json;
}

Json to_json(const v1::TaskOptions& options) {
  google::protobuf::util::JsonPrintOptions print;
  print.preserve_proto_field_names = true;
  std::string text;
  // It fails for what is neither a time nor a duration; then nothing is told.
  if (!google::protobuf::util::MessageToJsonString(options, &text, print).ok()) return Json::object();
  return Json::parse(text);
}

Json to_json(const v1::Future& future) {
  Json json = to_json(future.id(), future.state(), future.outcome());
  json["function"] = future.function();
  json["executor"] = future.executor();
  json["attempt"] = future.attempt();
  json["max_attempts"] = future.max_attempts();
  json["priority"] = future.priority();
  for (const auto& [key, value] : future.labels()) json["labels"][key] = value;
  if (future.has_options()) json["options"] = to_json(future.options());
  if (future.at_most_once()) json["at_most_once"] = true;
  if (future.ephemeral()) json["ephemeral"] = true;
  if (future.has_last_error()) json["last_error"] = to_json(future.last_error());
  if (future.has_due_time()) json["due_time"] = TimeUtil::ToString(future.due_time());
  if (future.has_fail_time()) json["fail_time"] = TimeUtil::ToString(future.fail_time());
  if (future.has_submit_time()) json["submit_time"] = TimeUtil::ToString(future.submit_time());
  if (future.has_start_time()) json["start_time"] = TimeUtil::ToString(future.start_time());
  if (future.has_finish_time()) json["finish_time"] = TimeUtil::ToString(future.finish_time());
  if (future.has_expire_time()) json["expire_time"] = TimeUtil::ToString(future.expire_time());
  if (future.has_progress()) json["progress"] = to_json(future.progress());
  if (future.log_lines() > 0) json["log_lines"] = future.log_lines();
  if (future.log_lines_dropped() > 0) json["log_lines_dropped"] = future.log_lines_dropped();
  json["arguments_size"] = future.arguments_size();
  if (future.state() == v1::FUTURE_STATE_SUCCEEDED) json["value_size"] = future.value_size();
  return json;
}

Json to_json(const v1::Executor& executor) {
  Json json = {{"name", executor.name()},
               {"kind", executor.kind()},
               {"state", short_name(v1::ExecutorState_Name(executor.state()), "EXECUTOR_STATE_")},
               {"max_workers", executor.max_workers()},
               {"max_coroutines", executor.max_coroutines()},
               {"pending", executor.pending()},
               {"running", executor.running()},
               {"succeeded", executor.succeeded()},
               {"failed", executor.failed()},
               {"cancelled", executor.cancelled()}};
  if (!executor.sandbox().empty()) json["sandbox"] = executor.sandbox();
  if (executor.workers().empty()) return json;
  for (const v1::Worker& worker : executor.workers()) json["workers"].push_back(to_json(worker));
  return json;
}

Json to_json(const v1::Worker& worker) {
  return {{"name", worker.name()},
          {"pid", worker.pid()},
          {"state", short_name(v1::WorkerState_Name(worker.state()), "WORKER_STATE_")},
          {"tasks", worker.tasks()},
          {"start_time", TimeUtil::ToString(worker.start_time())}};
}

}  // namespace futured::cli
