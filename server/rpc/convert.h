// Between the protocol's messages and core's types. The only file that knows gRPC's status codes.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <string>

#include "futured/v1/executor_service.pb.h"
#include "futured/v1/future.pb.h"
#include "futured/v1/future_service.pb.h"
#include "futured/v1/session.pb.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "server/core/clock.h"
#include "server/core/future_table.h"
#include "server/core/waiter.h"
#include "server/proto/error.h"
#include "server/proto/task_log.h"

namespace futured::rpc {

// How a call ends that could not be done, with the details of futured/v1/errors.proto. Also puts the delay after which
// to try again into its trailing metadata, as `retry-after-ms`, and counts the refusal: for the one that is about to
// finish the call.
grpc::Status to_grpc(const core::Status& status, grpc::ServerContextBase& context);

// What the wall clock showed at moments of the steady clock, in so far as it was not set since.
class WallTime {
 public:
  explicit WallTime(const core::Clock& clock) : wall_(clock.wall_time()), steady_(clock.now()) {}
  google::protobuf::Timestamp at(core::Time time) const;
  core::Time steady(core::WallTime time) const {
    return steady_ + std::chrono::duration_cast<core::Duration>(time - wall_);
  }

 private:
  const std::chrono::system_clock::time_point wall_;
  const core::Time steady_;
};

google::protobuf::Duration to_proto(std::chrono::nanoseconds duration);
using futured::to_proto;
v1::CancelEffect to_proto(core::CancelEffect effect);
v1::FutureState to_proto(core::State state);
v1::Outcome to_proto(const core::Outcome& outcome);
v1::Progress to_proto(const core::Progress& progress, const WallTime& time);
v1::FutureNews to_proto(core::FutureId id, const core::FutureNews& news, const WallTime& time);
// False: they are not kept, or are none, which a session may send.
bool read_arguments(const core::FutureSnapshot& future, v1::Arguments& arguments);
// Without outcome and arguments.
v1::Future to_proto(const core::FutureSnapshot& future, const std::string& executor, const WallTime& time);
v1::ExecutorState to_proto(core::ExecutorState state);
// Its functions sorted by name.
v1::Executor to_proto(const core::ExecutorSnapshot& executor, const WallTime& time);
v1::WorkerState to_proto(core::WorkerSnapshot::State state);
v1::Worker to_proto(const core::WorkerSnapshot& worker, const WallTime& time);
core::CancelMode to_core(v1::CancelMode mode);
// REQUIRES: one of the five states.
core::State to_core(v1::FutureState state);
v1::SessionEventKind to_event_kind(const core::Event& event);
std::string serialized_error(const core::Error& error);

}  // namespace futured::rpc
