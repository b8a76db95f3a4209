#include "server/proto/error.h"

#include <memory>

namespace futured {
namespace {

constexpr int kMaxCauses = 100;

v1::ErrorOrigin to_proto(core::Origin origin) {
  switch (origin) {
    case core::Origin::kTask:
      return v1::ERROR_ORIGIN_TASK;
    case core::Origin::kCall:
      return v1::ERROR_ORIGIN_CALL;
    case core::Origin::kTimeout:
      return v1::ERROR_ORIGIN_TIMEOUT;
    case core::Origin::kLimit:
      return v1::ERROR_ORIGIN_LIMIT;
    case core::Origin::kDaemon:
      return v1::ERROR_ORIGIN_DAEMON;
    case core::Origin::kWorker:
      return v1::ERROR_ORIGIN_WORKER;
    case core::Origin::kExecutor:
      return v1::ERROR_ORIGIN_EXECUTOR;
  }
  return v1::ERROR_ORIGIN_UNSPECIFIED;
}

core::Origin to_core(v1::ErrorOrigin origin) {
  switch (origin) {
    case v1::ERROR_ORIGIN_CALL:
      return core::Origin::kCall;
    case v1::ERROR_ORIGIN_TIMEOUT:
      return core::Origin::kTimeout;
    case v1::ERROR_ORIGIN_LIMIT:
      return core::Origin::kLimit;
    case v1::ERROR_ORIGIN_DAEMON:
      return core::Origin::kDaemon;
    case v1::ERROR_ORIGIN_WORKER:
      return core::Origin::kWorker;
    case v1::ERROR_ORIGIN_EXECUTOR:
      return core::Origin::kExecutor;
    default:
      return core::Origin::kTask;
  }
}

core::Error to_core(const v1::Error& error, int depth) {
  core::Error result{to_core(error.origin()), error.type(),  error.message(), error.traceback(), nullptr,
                     error.attempt(),         error.worker()};
  if (error.has_exception()) {
    result.exception =
        std::make_shared<const core::Opaque>(core::Opaque{error.exception().codec(), error.exception().data()});
  }
  if (error.has_cause() && depth < kMaxCauses) {
    result.cause = std::make_shared<const core::Error>(to_core(error.cause(), depth + 1));
  }
  return result;
}

}  // namespace

v1::Error to_proto(const core::Error& error) {
  v1::Error proto;
  proto.set_origin(to_proto(error.origin));
  proto.set_type(error.type);
  proto.set_message(error.message);
  proto.set_traceback(error.traceback);
  proto.set_attempt(error.attempt);
  proto.set_worker(error.worker);
  if (error.exception != nullptr) {
    proto.mutable_exception()->set_codec(error.exception->codec);
    proto.mutable_exception()->set_data(error.exception->data);
  }
  if (error.cause != nullptr) *proto.mutable_cause() = to_proto(*error.cause);
  return proto;
}

core::Error to_core(const v1::Error& error) { return to_core(error, 1); }

}  // namespace futured
