// Between the protocol's messages and core's types. The only file that knows gRPC's status codes.
#pragma once

#include <grpcpp/support/status.h>

#include <chrono>
#include <string>

#include "futured/v1/future.pb.h"
#include "futured/v1/session.pb.h"
#include "google/protobuf/duration.pb.h"
#include "server/core/future_table.h"

namespace futured::rpc {

grpc::Status to_grpc(const core::Status& status);

google::protobuf::Duration to_proto(std::chrono::nanoseconds duration);
v1::CancelEffect to_proto(core::CancelEffect effect);
v1::FutureState to_proto(core::State state);
v1::Error to_proto(const core::Error& error);
v1::Outcome to_proto(const core::Outcome& outcome);
core::CancelMode to_core(v1::CancelMode mode);
v1::SessionEventKind to_event_kind(const core::Event& event);
std::string serialized_error(const core::Error& error);

}  // namespace futured::rpc
