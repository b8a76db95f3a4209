#include "task_error.h"

#include "futured/v1/future.pb.h"

namespace futured::detail {
namespace {

// A chain longer than this is cut off.
constexpr int kMaxCauses = 100;

ErrorOrigin origin_of(v1::ErrorOrigin origin) {
  switch (origin) {
    case v1::ERROR_ORIGIN_TASK:
      return ErrorOrigin::kTask;
    case v1::ERROR_ORIGIN_CALL:
      return ErrorOrigin::kCall;
    case v1::ERROR_ORIGIN_TIMEOUT:
      return ErrorOrigin::kTimeout;
    case v1::ERROR_ORIGIN_LIMIT:
      return ErrorOrigin::kLimit;
    case v1::ERROR_ORIGIN_DAEMON:
      return ErrorOrigin::kDaemon;
    case v1::ERROR_ORIGIN_WORKER:
      return ErrorOrigin::kWorker;
    case v1::ERROR_ORIGIN_EXECUTOR:
      return ErrorOrigin::kExecutor;
    default:
      return ErrorOrigin::kUnspecified;
  }
}

TaskError convert(const v1::Error& error, int depth) {
  TaskError::Details details;
  details.origin = origin_of(error.origin());
  details.type = error.type();
  details.message = error.message();
  details.traceback = error.traceback();
  details.attempt = error.attempt();
  details.worker = error.worker();
  if (error.has_cause() && depth < kMaxCauses) {
    details.cause = std::make_shared<const TaskError>(convert(error.cause(), depth + 1));
  }
  return TaskError(std::move(details));
}

}  // namespace

TaskError make_task_error(const std::string& payload) {
  v1::Error error;
  if (!error.ParseFromString(payload)) {
    error.set_type("futured::Error");
    error.set_message("the daemon sent an error that cannot be read");
  }
  return convert(error, 0);
}

}  // namespace futured::detail
