// What goes wrong on the way to a result.
//
//   Error
//   ├── CancelledError     the future was cancelled
//   ├── TimeoutError       the time given to a wait is up; the task goes on
//   ├── TaskError          the function failed: its type, message, traceback and cause
//   ├── ShutdownError      submit after shutdown
//   └── CallError          the daemon did not do what it was asked; reason() says why, for programs
//       ├── Refused        it can never accept this call, too large an argument for example
//       └── BrokenExecutor the executor is of no use any more, or has lost this future
//           ├── ConnectionLost the daemon could not be reached for longer than the executor's `reconnect_timeout`
//           └── UnknownFuture  the daemon does not know the future: forgotten, expired, lost in a restart
//
// A function that itself fails by a timeout or a cancellation is a TaskError, so TimeoutError always means the wait.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>

namespace futured {

// The base of all errors of the SDK.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The future was cancelled and its function never ran, or it honoured the request to stop.
class CancelledError : public Error {
 public:
  using Error::Error;
};

// A wait took longer than its timeout. Nothing has changed; waiting again is fine.
class TimeoutError : public Error {
 public:
  using Error::Error;
};

// The executor has been shut down and takes no more calls.
class ShutdownError : public Error {
 public:
  using Error::Error;
};

// What the daemon says of a refusal, for programs. All of it is empty where the daemon did not speak.
struct Refusal {
  // "EXECUTOR_UNKNOWN", for example: futured/v1/errors.proto has the names and what they mean.
  std::string reason;
  // When trying again may help; 0: never as it is.
  std::chrono::milliseconds retry_delay{0};
  // The field of the request that is to blame, as the protocol names it.
  std::string field;
};

// The daemon did not do what it was asked. Cheap to copy; copies share their content.
class CallError : public Error {
 public:
  explicit CallError(const std::string& message, Refusal refusal = {});

  const std::string& reason() const noexcept { return refusal_->reason; }
  std::chrono::milliseconds retry_delay() const noexcept { return refusal_->retry_delay; }
  const std::string& field() const noexcept { return refusal_->field; }
  const Refusal& refusal() const noexcept { return *refusal_; }

 private:
  std::shared_ptr<const Refusal> refusal_;
};

// The daemon refused the call for good. The message names the limit.
class Refused : public CallError {
 public:
  using CallError::CallError;
};

// The executor broke: protocol error, unknown daemon executor, another owner of the session, no permission.
class BrokenExecutor : public CallError {
 public:
  using CallError::CallError;
};

// The daemon could not be reached for too long. Whether the task has run, or still will, is not known.
class ConnectionLost : public BrokenExecutor {
 public:
  using BrokenExecutor::BrokenExecutor;
};

// The daemon does not know the future. The message says why.
class UnknownFuture : public BrokenExecutor {
 public:
  using BrokenExecutor::BrokenExecutor;
};

// Who is to blame for a TaskError.
enum class ErrorOrigin : std::uint8_t {
  kUnspecified,
  kTask,      // The function raised it, or returned what cannot be encoded as its result.
  kCall,      // The task could not be called: unknown function, wrong arguments.
  kTimeout,   // The task ran longer than its timeout.
  kLimit,     // A limit was exceeded, the size of the result for example.
  kDaemon,    // The daemon ended before the task did.
  kWorker,    // The worker process was lost while it ran the task.
  kExecutor,  // The executor has no workers: they don't start, or their initializer fails.
};

// The function failed. what() is "type: message". Cheap to copy; copies share their content.
class TaskError : public Error {
 public:
  struct Details {
    ErrorOrigin origin = ErrorOrigin::kUnspecified;
    std::string type;  // In the function's language: "std::out_of_range", "ValueError".
    std::string message;
    std::string traceback;                   // For people; may be empty.
    std::shared_ptr<const TaskError> cause;  // What it was raised from, or null.
    std::uint32_t attempt = 0;
    std::string worker;  // Where it ran, for example "thread-3"; may be empty.
  };

  explicit TaskError(Details details);

  ErrorOrigin origin() const noexcept { return details_->origin; }
  const std::string& type() const noexcept { return details_->type; }
  const std::string& message() const noexcept { return details_->message; }
  const std::string& traceback() const noexcept { return details_->traceback; }
  const TaskError* cause() const noexcept { return details_->cause.get(); }
  std::uint32_t attempt() const noexcept { return details_->attempt; }
  const std::string& worker() const noexcept { return details_->worker; }

  // The error and its chain of causes, with tracebacks, over several lines.
  std::string report() const;

 private:
  std::shared_ptr<const Details> details_;
};

}  // namespace futured
