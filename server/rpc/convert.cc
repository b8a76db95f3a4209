#include "server/rpc/convert.h"

#include <algorithm>

#include "server/core/refusals.h"
#include "server/rpc/error_details.h"
#include "server/rpc/task_options.h"

namespace futured::rpc {
namespace {

// Of a function that hands out bytes instead of a value.
void set_value(const core::Bytes& bytes, v1::Outcome& outcome) {
  const auto value = bytes.view();
  if (outcome.mutable_value()->ParseFromArray(value.data(), static_cast<int>(value.size()))) return;
  v1::Error& error = *outcome.mutable_error();
  error.set_origin(v1::ERROR_ORIGIN_CALL);
  error.set_type("ValueError");
  error.set_message("the " + std::to_string(value.size()) +
                    " bytes that the function returned are no futured.v1.Value");
}

// What a list can hold for each of its futures.
v1::Error summary_of(const core::Error& error) {
  constexpr std::size_t kLongestMessage = 256;
  std::size_t size = std::min(error.message.size(), kLongestMessage);
  const auto continues = [&](std::size_t at) { return (static_cast<unsigned char>(error.message[at]) & 0xC0) == 0x80; };
  while (size > 0 && size < error.message.size() && continues(size)) --size;
  return futured::to_proto(
      core::Error{error.origin, error.type, error.message.substr(0, size), "", nullptr, error.attempt, error.worker});
}

}  // namespace

grpc::Status to_grpc(const core::Status& status, grpc::ServerContextBase& context) {
  const auto delay = status.retry_delay.count();
  if (delay > 0) context.AddTrailingMetadata("retry-after-ms", std::to_string(delay));
  core::count_refusal(status.reason);
  return {static_cast<grpc::StatusCode>(status.code()), status.message, error_details(status)};
}

google::protobuf::Timestamp WallTime::at(core::Time time) const { return to_proto(wall_ + (time - steady_)); }

google::protobuf::Duration to_proto(std::chrono::nanoseconds duration) {
  google::protobuf::Duration proto;
  proto.set_seconds(duration.count() / 1'000'000'000);
  proto.set_nanos(static_cast<int>(duration.count() % 1'000'000'000));
  return proto;
}

v1::CancelEffect to_proto(core::CancelEffect effect) {
  switch (effect) {
    case core::CancelEffect::kCancelled:
    case core::CancelEffect::kAlreadyCancelled:
      return v1::CANCEL_EFFECT_CANCELLED;
    case core::CancelEffect::kRunning:
      return v1::CANCEL_EFFECT_RUNNING;
    case core::CancelEffect::kStopEnforced:
      return v1::CANCEL_EFFECT_STOP_ENFORCED;
    case core::CancelEffect::kStopRequested:
      return v1::CANCEL_EFFECT_STOP_REQUESTED;
    case core::CancelEffect::kFinished:
      return v1::CANCEL_EFFECT_FINISHED;
    case core::CancelEffect::kNotFound:
      return v1::CANCEL_EFFECT_NOT_FOUND;
  }
  return v1::CANCEL_EFFECT_UNSPECIFIED;
}

v1::FutureState to_proto(core::State state) {
  switch (state) {
    case core::State::kPending:
      return v1::FUTURE_STATE_PENDING;
    case core::State::kRunning:
      return v1::FUTURE_STATE_RUNNING;
    case core::State::kSucceeded:
      return v1::FUTURE_STATE_SUCCEEDED;
    case core::State::kFailed:
      return v1::FUTURE_STATE_FAILED;
    case core::State::kCancelled:
      return v1::FUTURE_STATE_CANCELLED;
  }
  return v1::FUTURE_STATE_UNSPECIFIED;
}

v1::Outcome to_proto(const core::Outcome& outcome) {
  v1::Outcome proto;
  if (outcome.state == core::State::kSucceeded) {
    set_value(outcome.value, proto);
  } else if (outcome.state == core::State::kFailed) {
    *proto.mutable_error() = to_proto(*outcome.error);
  } else if (outcome.state == core::State::kCancelled) {
    proto.mutable_cancelled();
  }
  return proto;
}

v1::Progress to_proto(const core::Progress& progress, const WallTime& time) {
  v1::Progress proto;
  proto.set_fraction(progress.fraction);
  proto.set_message(progress.message);
  *proto.mutable_report_time() = time.at(progress.reported);
  return proto;
}

v1::FutureNews to_proto(core::FutureId id, const core::FutureNews& news, const WallTime& time) {
  v1::FutureNews proto;
  proto.set_id(to_string(id));
  proto.set_state(to_proto(news.state));
  proto.set_attempt(news.attempt);
  if (news.progress != nullptr) *proto.mutable_progress() = to_proto(*news.progress, time);
  for (const core::LogLine& line : news.lines) *proto.add_lines() = to_proto(line);
  proto.set_position(position_text(news.position));
  proto.set_last_line(news.last_line);
  return proto;
}

bool read_arguments(const core::FutureSnapshot& future, v1::Arguments& arguments) {
  const std::string_view bytes = future.arguments.view();
  return bytes.size() == future.arguments_size &&
         arguments.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

v1::Future to_proto(const core::FutureSnapshot& future, const std::string& executor, const WallTime& time) {
  v1::Future proto;
  proto.set_id(to_string(future.id));
  proto.set_state(to_proto(future.state));
  proto.set_function(future.function);
  proto.set_executor(executor);
  proto.set_attempt(future.attempt);
  *proto.mutable_submit_time() = time.at(future.submitted);
  if (future.started) *proto.mutable_start_time() = time.at(*future.started);
  if (future.finished) *proto.mutable_finish_time() = time.at(*future.finished);
  if (future.expires) *proto.mutable_expire_time() = time.at(*future.expires);
  if (future.due) *proto.mutable_due_time() = time.at(*future.due);
  if (future.fails_at) *proto.mutable_fail_time() = time.at(*future.fails_at);
  proto.set_log_lines(future.log_lines);
  proto.set_log_lines_dropped(future.log_lines_dropped);
  const core::Error* const error = future.last_error != nullptr ? future.last_error.get() : future.outcome.error.get();
  if (error != nullptr) *proto.mutable_last_error() = summary_of(*error);
  show_options(future.options, proto);
  proto.set_arguments_size(future.arguments_size);
  if (future.progress) *proto.mutable_progress() = to_proto(*future.progress, time);
  if (future.state == core::State::kSucceeded) proto.set_value_size(future.outcome.value.size());
  return proto;
}

v1::ExecutorState to_proto(core::ExecutorState state) {
  switch (state) {
    case core::ExecutorState::kActive:
      return v1::EXECUTOR_STATE_ACTIVE;
    case core::ExecutorState::kPaused:
      return v1::EXECUTOR_STATE_PAUSED;
    case core::ExecutorState::kDraining:
      return v1::EXECUTOR_STATE_DRAINING;
  }
  return v1::EXECUTOR_STATE_UNSPECIFIED;
}

v1::WorkerState to_proto(core::WorkerSnapshot::State state) {
  switch (state) {
    case core::WorkerSnapshot::State::kStarting:
      return v1::WORKER_STATE_STARTING;
    case core::WorkerSnapshot::State::kIdle:
      return v1::WORKER_STATE_IDLE;
    case core::WorkerSnapshot::State::kBusy:
      return v1::WORKER_STATE_BUSY;
    case core::WorkerSnapshot::State::kEnding:
      return v1::WORKER_STATE_ENDING;
  }
  return v1::WORKER_STATE_UNSPECIFIED;
}

v1::Worker to_proto(const core::WorkerSnapshot& worker, const WallTime& time) {
  v1::Worker proto;
  proto.set_name(worker.name);
  proto.set_pid(worker.pid);
  proto.set_state(to_proto(worker.state));
  proto.set_tasks(worker.tasks);
  *proto.mutable_start_time() = time.at(worker.started);
  return proto;
}

v1::Executor to_proto(const core::ExecutorSnapshot& executor, const WallTime& time) {
  const core::ExecutorDescription& description = *executor.description;
  v1::Executor proto;
  proto.set_name(description.name);
  proto.set_kind(description.kind);
  proto.set_state(to_proto(executor.state));
  proto.set_max_workers(description.max_workers);
  proto.set_max_coroutines(description.max_coroutines);
  proto.set_pending(executor.pending);
  proto.set_running(executor.running);
  proto.set_succeeded(executor.succeeded);
  proto.set_failed(executor.failed);
  proto.set_cancelled(executor.cancelled);
  proto.set_sandbox(description.sandbox);
  for (const core::WorkerSnapshot& worker : executor.executor->workers()) *proto.add_workers() = to_proto(worker, time);
  for (const core::FunctionDescription& function : description.functions) {
    v1::Function& entry = *proto.add_functions();
    entry.set_name(function.name);
    entry.set_signature(function.signature);
  }
  std::ranges::sort(*proto.mutable_functions(), {}, [](const v1::Function& entry) { return entry.name(); });
  return proto;
}

core::State to_core(v1::FutureState state) {
  switch (state) {
    case v1::FUTURE_STATE_RUNNING:
      return core::State::kRunning;
    case v1::FUTURE_STATE_SUCCEEDED:
      return core::State::kSucceeded;
    case v1::FUTURE_STATE_FAILED:
      return core::State::kFailed;
    case v1::FUTURE_STATE_CANCELLED:
      return core::State::kCancelled;
    default:
      return core::State::kPending;
  }
}

core::CancelMode to_core(v1::CancelMode mode) {
  switch (mode) {
    case v1::CANCEL_MODE_COOPERATIVE:
      return core::CancelMode::kCooperative;
    case v1::CANCEL_MODE_FORCE:
      return core::CancelMode::kForce;
    default:
      return core::CancelMode::kPending;
  }
}

v1::SessionEventKind to_event_kind(const core::Event& event) {
  if (event.kind == core::Event::Kind::kStarted) return v1::SESSION_EVENT_KIND_STARTED;
  if (event.kind == core::Event::Kind::kUnknown) return v1::SESSION_EVENT_KIND_UNKNOWN;
  if (event.kind == core::Event::Kind::kNews) return v1::SESSION_EVENT_KIND_PROGRESS;
  switch (event.outcome.state) {
    case core::State::kSucceeded:
      return v1::SESSION_EVENT_KIND_SUCCEEDED;
    case core::State::kFailed:
      return v1::SESSION_EVENT_KIND_FAILED;
    default:
      return v1::SESSION_EVENT_KIND_CANCELLED;
  }
}

std::string serialized_error(const core::Error& error) { return to_proto(error).SerializeAsString(); }

}  // namespace futured::rpc
