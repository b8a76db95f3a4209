#include "server/rpc/submission.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <set>
#include <string>
#include <utility>

#include "server/rpc/task_options.h"

namespace futured::rpc {
namespace {

// The same for equal arguments, as repeated submits are compared.
std::string serialized(const v1::Arguments& arguments) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    arguments.SerializeToCodedStream(&coded);
  }
  return bytes;
}

bool same_options(const core::TaskGroup& a, const core::TaskGroup& b) {
  return a.function == b.function && a.executor == b.executor && a.options == b.options;
}

std::string field_of(std::size_t index) { return "tasks[" + std::to_string(index) + "]"; }

// An ID for each task: the client's own, or one that is drawn.
core::Result<std::vector<core::FutureId>> ids_of(const v1::SubmitRequest& request, core::IdSource& drawn_ids) {
  std::vector<core::FutureId> ids;
  ids.reserve(static_cast<std::size_t>(request.tasks_size()));
  std::set<core::FutureId> seen;
  for (const v1::Task& task : request.tasks()) {
    if (task.id().empty()) {
      ids.push_back(drawn_ids.next());
      continue;
    }
    const auto id = to_id(field_of(ids.size()) + ".id", task.id());
    if (!id) return tl::unexpected(id.error());
    if (!seen.insert(*id).second) {
      return invalid(field_of(ids.size()) + ".id", task.id() + " is the ID of an earlier task of this call");
    }
    ids.push_back(*id);
  }
  return ids;
}

}  // namespace

core::Result<Submission> Submission::read(const v1::SubmitRequest& request, const Caller& caller, const Parts& parts,
                                          const RequestLimits& limits) {
  if (auto counted = check_count("tasks", "tasks", request.tasks_size(), limits); !counted) {
    return tl::unexpected(counted.error());
  }
  auto ids = ids_of(request, parts.ids);
  if (!ids) return tl::unexpected(ids.error());
  Submission submission;
  submission.ids_ = std::move(*ids);
  submission.tasks_.reserve(submission.ids_.size());
  for (const v1::Task& task : request.tasks()) {
    if (auto added = submission.add(field_of(submission.tasks_.size()), task, caller, parts, limits); !added) {
      return tl::unexpected(added.error());
    }
  }
  return submission;
}

core::Result<void> Submission::add(const std::string& field, const v1::Task& task, const Caller& caller,
                                   const Parts& parts, const RequestLimits& limits) {
  if (auto valid = check_function_name(field + ".function", task.function()); !valid) return valid;
  const std::uint64_t size = task.arguments().ByteSizeLong();
  if (size > limits.max_arguments_size) {
    return tl::unexpected(too_large(field + ".arguments", size, limits.max_arguments_size));
  }
  if (auto valid = check_arguments(field + ".arguments", task.arguments()); !valid) return valid;

  core::TaskGroup group;
  group.account = caller.account;
  group.function = task.function();
  auto options = to_core(field + ".options", task.options());
  if (!options) return tl::unexpected(options.error());
  group.options = *std::move(options);
  if (auto found = use_executor(field, task.options().executor(), parts.table); !found) return found;
  group.executor = executor_;
  if (auto allowed = parts.gate.check_task(caller, executor_name_, group.function); !allowed) return allowed;

  core::NewTask& added = tasks_.emplace_back();
  added.token = tasks_.size() - 1;
  added.id = ids_[added.token];
  added.is_drawn = task.id().empty();
  added.arguments = core::Bytes(serialized(task.arguments()));
  if (groups_.empty() || !same_options(groups_.back(), group)) {
    group.tasks = {&added, 1};
    groups_.push_back(group);
  } else {
    groups_.back().tasks = {groups_.back().tasks.data(), groups_.back().tasks.size() + 1};
  }
  return {};
}

core::Result<void> Submission::use_executor(const std::string& field, const std::string& name,
                                            const core::FutureTable& table) {
  if (!groups_.empty() && name == asked_executor_) return {};
  const auto executor = table.find_executor(printable(name));
  if (!executor) {
    core::Status status = in_field(field + ".options.executor", executor.error());
    status.message.insert(0, status.field + ": ");
    return tl::unexpected(std::move(status));
  }
  asked_executor_ = name;
  executor_ = *executor;
  executor_name_ = table.executors()[executor_].description->name;
  return {};
}

}  // namespace futured::rpc
