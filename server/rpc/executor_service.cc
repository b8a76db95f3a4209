#include "server/rpc/executor_service.h"

#include "server/rpc/convert.h"
#include "server/rpc/validate.h"
#include "server/rpc/wire.h"

namespace futured::rpc {

grpc::ServerUnaryReactor* ExecutorService::List(grpc::CallbackServerContext* context, const grpc::ByteBuffer* bytes,
                                                grpc::ByteBuffer* response) {
  return answer<v1::ExecutorServiceListRequest>(context, bytes, response,
                                                [this](const auto&) -> core::Result<v1::ExecutorServiceListResponse> {
                                                  v1::ExecutorServiceListResponse list;
                                                  for (const core::ExecutorSnapshot& snapshot : table_.executors())
                                                    *list.add_executors() = to_proto(snapshot);
                                                  return list;
                                                });
}

grpc::ServerUnaryReactor* ExecutorService::Get(grpc::CallbackServerContext* context, const grpc::ByteBuffer* bytes,
                                               grpc::ByteBuffer* response) {
  return about_one<v1::ExecutorServiceGetRequest, v1::ExecutorServiceGetResponse>(context, bytes, response, {});
}

grpc::ServerUnaryReactor* ExecutorService::Pause(grpc::CallbackServerContext* context, const grpc::ByteBuffer* bytes,
                                                 grpc::ByteBuffer* response) {
  return about_one<v1::PauseRequest, v1::PauseResponse>(context, bytes, response, core::ExecutorState::kPaused);
}

grpc::ServerUnaryReactor* ExecutorService::Resume(grpc::CallbackServerContext* context, const grpc::ByteBuffer* bytes,
                                                  grpc::ByteBuffer* response) {
  return about_one<v1::ResumeRequest, v1::ResumeResponse>(context, bytes, response, core::ExecutorState::kActive);
}

grpc::ServerUnaryReactor* ExecutorService::Drain(grpc::CallbackServerContext* context, const grpc::ByteBuffer* bytes,
                                                 grpc::ByteBuffer* response) {
  return about_one<v1::DrainRequest, v1::DrainResponse>(context, bytes, response, core::ExecutorState::kDraining);
}

template <class Request, class Response>
grpc::ServerUnaryReactor* ExecutorService::about_one(grpc::CallbackServerContext* context,
                                                     const grpc::ByteBuffer* bytes, grpc::ByteBuffer* response,
                                                     std::optional<core::ExecutorState> state) {
  return answer<Request>(context, bytes, response, [this, state](const Request& request) -> core::Result<Response> {
    auto found = executor(request.name(), state);
    if (!found) return tl::unexpected(found.error());
    Response message;
    *message.mutable_executor() = std::move(*found);
    return message;
  });
}

core::Result<v1::Executor> ExecutorService::executor(const std::string& name,
                                                     std::optional<core::ExecutorState> state) {
  // The table takes an empty name for the first executor, which nobody is to drain by mistake.
  if (name.empty()) return core::failure(core::Code::kInvalidArgument, "name: empty; an executor must be named");
  const auto index = table_.find_executor(printable(name));
  if (!index) return tl::unexpected(index.error());
  if (state) table_.set_executor_state(*index, *state);
  return to_proto(table_.executors()[*index]);
}

}  // namespace futured::rpc
