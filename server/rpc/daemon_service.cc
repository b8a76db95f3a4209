#include "server/rpc/daemon_service.h"

namespace futured::rpc {
namespace {

v1::DaemonState to_proto(core::Draining draining) {
  switch (draining) {
    case core::Draining::kUntilResumed:
      return v1::DAEMON_STATE_DRAINING;
    case core::Draining::kForGood:
      return v1::DAEMON_STATE_ENDING;
    default:
      return v1::DAEMON_STATE_SERVING;
  }
}

}  // namespace

grpc::ServerUnaryReactor* DaemonService::Get(grpc::CallbackServerContext* context, const grpc::ByteBuffer* bytes,
                                             grpc::ByteBuffer* response) {
  return answer<v1::DaemonServiceGetRequest>(
      parts_.gate, {"/futured.v1.DaemonService/Get", context, bytes, response},
      [this](const Caller&, const auto&) -> core::Result<v1::DaemonServiceGetResponse> {
        v1::DaemonServiceGetResponse message;
        *message.mutable_daemon() = snapshot();
        return message;
      });
}

grpc::ServerUnaryReactor* DaemonService::Drain(grpc::CallbackServerContext* context, const grpc::ByteBuffer* bytes,
                                               grpc::ByteBuffer* response) {
  bool exits = false;
  return answer_by<v1::DaemonServiceDrainRequest>(
      parts_.gate, {"/futured.v1.DaemonService/Drain", context, bytes, response},
      [&](const Caller&, const auto& request) -> core::Result<v1::DaemonServiceDrainResponse> {
        exits = request.exit();
        parts_.drain(exits ? core::Draining::kForGood : core::Draining::kUntilResumed);
        v1::DaemonServiceDrainResponse message;
        *message.mutable_daemon() = snapshot();
        return message;
      },
      [&](auto* reactor) {
        reactor->Finish(grpc::Status::OK);
        if (exits) parts_.exit();
      });
}

grpc::ServerUnaryReactor* DaemonService::Resume(grpc::CallbackServerContext* context, const grpc::ByteBuffer* bytes,
                                                grpc::ByteBuffer* response) {
  return answer<v1::DaemonServiceResumeRequest>(
      parts_.gate, {"/futured.v1.DaemonService/Resume", context, bytes, response},
      [this](const Caller&, const auto&) -> core::Result<v1::DaemonServiceResumeResponse> {
        if (!parts_.resume()) {
          return core::failure(core::Reason::kDaemonStopping, "the daemon ends, which cannot be undone");
        }
        v1::DaemonServiceResumeResponse message;
        *message.mutable_daemon() = snapshot();
        return message;
      });
}

v1::Daemon DaemonService::snapshot() const {
  v1::Daemon daemon;
  // First: what drains gets no more to do.
  const core::Draining draining = parts_.table.stats().draining;
  daemon.set_state(to_proto(draining));
  for (const core::ExecutorSnapshot& executor : parts_.table.executors()) {
    daemon.set_running(daemon.running() + executor.running);
    daemon.set_pending(daemon.pending() + executor.pending);
  }
  const bool loses_nothing = parts_.keeps_futures || daemon.pending() == 0;
  daemon.set_drained(draining != core::Draining::kNo && daemon.running() == 0 && loses_nothing);
  daemon.set_keeps_futures(parts_.keeps_futures);
  daemon.set_version(parts_.version);
  daemon.set_epoch(parts_.epoch);
  return daemon;
}

}  // namespace futured::rpc
