#include "server/rpc/executor_service.h"

#include "server/rpc/convert.h"
#include "server/rpc/validate.h"

namespace futured::rpc {
namespace {

// Puts an executor into a state.
struct Enter {
  core::FutureTable& table;
  core::ExecutorState state;

  template <class Request>
  core::Result<void> operator()(core::ExecutorIndex index, const Request& request) const {
    if (table.executors()[index].description->is_absent()) {
      return core::failure(core::Reason::kExecutorNotConfigured,
                           "executor \"" + request.name() + "\" is not configured",
                           core::Resource{"executor", request.name()});
    }
    table.set_executor_state(index, state);
    return {};
  }
};

}  // namespace

grpc::ServerUnaryReactor* ExecutorService::List(grpc::CallbackServerContext* context, const grpc::ByteBuffer* bytes,
                                                grpc::ByteBuffer* response) {
  const auto list = [this](const Caller&, const auto&) -> core::Result<v1::ExecutorServiceListResponse> {
    const WallTime time(clock_);
    v1::ExecutorServiceListResponse message;
    for (const core::ExecutorSnapshot& snapshot : table_.executors()) {
      *message.add_executors() = to_proto(snapshot, time);
    }
    return message;
  };
  return answer<v1::ExecutorServiceListRequest>(gate_, {"/futured.v1.ExecutorService/List", context, bytes, response},
                                                list);
}

grpc::ServerUnaryReactor* ExecutorService::Get(grpc::CallbackServerContext* context, const grpc::ByteBuffer* bytes,
                                               grpc::ByteBuffer* response) {
  return about_one<v1::ExecutorServiceGetRequest, v1::ExecutorServiceGetResponse>(
      {"/futured.v1.ExecutorService/Get", context, bytes, response},
      [](core::ExecutorIndex, const auto&) { return core::Result<void>(); });
}

grpc::ServerUnaryReactor* ExecutorService::Pause(grpc::CallbackServerContext* context, const grpc::ByteBuffer* bytes,
                                                 grpc::ByteBuffer* response) {
  return about_one<v1::PauseRequest, v1::PauseResponse>({"/futured.v1.ExecutorService/Pause", context, bytes, response},
                                                        Enter{table_, core::ExecutorState::kPaused});
}

grpc::ServerUnaryReactor* ExecutorService::Resume(grpc::CallbackServerContext* context, const grpc::ByteBuffer* bytes,
                                                  grpc::ByteBuffer* response) {
  return about_one<v1::ResumeRequest, v1::ResumeResponse>(
      {"/futured.v1.ExecutorService/Resume", context, bytes, response}, Enter{table_, core::ExecutorState::kActive});
}

grpc::ServerUnaryReactor* ExecutorService::Drain(grpc::CallbackServerContext* context, const grpc::ByteBuffer* bytes,
                                                 grpc::ByteBuffer* response) {
  return about_one<v1::DrainRequest, v1::DrainResponse>({"/futured.v1.ExecutorService/Drain", context, bytes, response},
                                                        Enter{table_, core::ExecutorState::kDraining});
}

grpc::ServerUnaryReactor* ExecutorService::EndWorkers(grpc::CallbackServerContext* context,
                                                      const grpc::ByteBuffer* bytes, grpc::ByteBuffer* response) {
  return about_one<v1::EndWorkersRequest, v1::EndWorkersResponse>(
      {"/futured.v1.ExecutorService/EndWorkers", context, bytes, response},
      [this](core::ExecutorIndex index, const v1::EndWorkersRequest& request) { return end_workers(index, request); });
}

core::Result<void> ExecutorService::end_workers(core::ExecutorIndex index, const v1::EndWorkersRequest& request) {
  if (!v1::EndWorkersMode_IsValid(request.mode())) {
    return invalid("mode", std::to_string(request.mode()) + " is no EndWorkersMode");
  }
  const core::ExecutorSnapshot snapshot = table_.executors()[index];
  if (snapshot.executor->end_workers(request.mode() == v1::END_WORKERS_MODE_KILL)) return {};
  return core::failure(core::Reason::kExecutorHasNoProcesses,
                       "executor \"" + request.name() + "\" is of kind \"" + snapshot.description->kind +
                           "\" and has no processes to end",
                       core::Resource{"executor", request.name()});
}

template <class Request, class Response, class Action>
grpc::ServerUnaryReactor* ExecutorService::about_one(const UnaryCall& call, Action action) {
  return answer<Request>(gate_, call, [this, action](const Caller&, const Request& request) -> core::Result<Response> {
    // The table takes an empty name for the first executor, which nobody is to drain by mistake.
    if (request.name().empty()) {
      return invalid("name", "empty; an executor must be named");
    }
    const auto index = table_.find_executor(printable(request.name()));
    if (!index) return tl::unexpected(in_field("name", index.error()));
    if (const auto done = action(*index, request); !done) return tl::unexpected(done.error());
    Response message;
    *message.mutable_executor() = to_proto(table_.executors()[*index], WallTime(clock_));
    return message;
  });
}

}  // namespace futured::rpc
