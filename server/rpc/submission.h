// Submission: the tasks of one Submit request, checked, and grouped as the table takes them.
#pragma once

#include <span>
#include <vector>

#include "futured/v1/future_service.pb.h"
#include "server/core/future_table.h"
#include "server/core/ids.h"
#include "server/rpc/gate.h"
#include "server/rpc/validate.h"

namespace futured::rpc {

class Submission {
 public:
  // Not owned.
  struct Parts {
    const core::FutureTable& table;
    Gate& gate;
    // For tasks that come without an ID.
    core::IdSource& ids;
  };
  // The request must outlive the submission. Fails for the first task that cannot be accepted: kInvalidArgument,
  // kResourceExhausted for too many tasks or too large arguments, kNotFound for an unknown executor, what
  // Gate::check_task says.
  static core::Result<Submission> read(const v1::SubmitRequest& request, const Caller& caller, const Parts& parts,
                                       const RequestLimits& limits);

  // Tokens number the tasks from 0.
  std::span<core::TaskGroup> groups() { return groups_; }
  // One for each task.
  const std::vector<core::FutureId>& ids() const { return ids_; }

 private:
  core::Result<void> add(const std::string& field, const v1::Task& task, const Caller& caller, const Parts& parts,
                         const RequestLimits& limits);
  core::Result<void> use_executor(const std::string& field, const std::string& name, const core::FutureTable& table);

  // Never grows beyond what was reserved, so that the groups' spans stay valid; so do moves.
  std::vector<core::NewTask> tasks_;
  std::vector<core::TaskGroup> groups_;
  std::vector<core::FutureId> ids_;
  // The executor that was looked up last, as it was asked for, and as it is called.
  std::string asked_executor_;
  std::string executor_name_;
  core::ExecutorIndex executor_ = 0;
};

}  // namespace futured::rpc
