#include "server/rpc/convert.h"

namespace futured::rpc {

grpc::Status to_grpc(const core::Status& status) {
  return {static_cast<grpc::StatusCode>(status.code), status.message};
}

google::protobuf::Duration to_proto(std::chrono::nanoseconds duration) {
  google::protobuf::Duration proto;
  proto.set_seconds(duration.count() / 1'000'000'000);
  proto.set_nanos(static_cast<int>(duration.count() % 1'000'000'000));
  return proto;
}

v1::CancelEffect to_proto(core::CancelEffect effect) {
  switch (effect) {
    case core::CancelEffect::kCancelled:
      return v1::CANCEL_EFFECT_CANCELLED;
    case core::CancelEffect::kRunning:
      return v1::CANCEL_EFFECT_RUNNING;
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

v1::Error to_proto(const core::Error& error) {
  v1::Error proto;
  switch (error.origin) {
    case core::Origin::kTask:
      proto.set_origin(v1::ERROR_ORIGIN_TASK);
      break;
    case core::Origin::kCall:
      proto.set_origin(v1::ERROR_ORIGIN_CALL);
      break;
    case core::Origin::kTimeout:
      proto.set_origin(v1::ERROR_ORIGIN_TIMEOUT);
      break;
    case core::Origin::kLimit:
      proto.set_origin(v1::ERROR_ORIGIN_LIMIT);
      break;
    case core::Origin::kDaemon:
      proto.set_origin(v1::ERROR_ORIGIN_DAEMON);
      break;
  }
  proto.set_type(error.type);
  proto.set_message(error.message);
  proto.set_traceback(error.traceback);
  proto.set_attempt(error.attempt);
  proto.set_worker(error.worker);
  if (error.cause != nullptr) *proto.mutable_cause() = to_proto(*error.cause);
  return proto;
}

v1::Outcome to_proto(const core::Outcome& outcome) {
  v1::Outcome proto;
  if (outcome.state == core::State::kSucceeded) {
    const auto value = outcome.value.view();
    proto.mutable_value()->ParseFromArray(value.data(), static_cast<int>(value.size()));
  } else if (outcome.state == core::State::kFailed) {
    *proto.mutable_error() = to_proto(*outcome.error);
  } else if (outcome.state == core::State::kCancelled) {
    proto.mutable_cancelled();
  }
  return proto;
}

core::CancelMode to_core(v1::CancelMode mode) {
  return mode == v1::CANCEL_MODE_COOPERATIVE ? core::CancelMode::kCooperative : core::CancelMode::kPending;
}

v1::SessionEventKind to_event_kind(const core::Event& event) {
  if (event.kind == core::Event::Kind::kStarted) return v1::SESSION_EVENT_KIND_STARTED;
  if (event.kind == core::Event::Kind::kUnknown) return v1::SESSION_EVENT_KIND_UNKNOWN;
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
