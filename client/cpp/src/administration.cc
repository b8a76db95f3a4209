#include "administration.h"

#include "channel.h"
#include "futured/errors.h"
#include "refusal.h"

namespace futured::detail {
namespace {

[[noreturn]] void fail(const grpc::Status& status, const std::string& address) {
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
    // By a daemon that ends: calls that come in its last moment.
    case grpc::StatusCode::CANCELLED:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      throw ConnectionLost("no answer from " + address + ": " + status.error_message(), refusal_of(status));
    case grpc::StatusCode::NOT_FOUND:
      throw BrokenExecutor(status.error_message(), refusal_of(status));
    default:
      throw Refused(status.error_message(), refusal_of(status));
  }
}

}  // namespace

Administration::Administration(const std::string& address, std::chrono::milliseconds timeout)
    : address_(address), timeout_(timeout), stub_(v1::ExecutorService::NewStub(open_channel(address))) {}

template <class Request, class Response>
Response Administration::call(grpc::Status (v1::ExecutorService::Stub::*method)(grpc::ClientContext*, const Request&,
                                                                                Response*),
                              const Request& request) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + timeout_);
  Response response;
  const grpc::Status status = (*stub_.*method)(&context, request, &response);
  if (!status.ok()) fail(status, address_);
  return response;
}

std::string Administration::default_executor() {
  const auto response = call(&v1::ExecutorService::Stub::List, v1::ExecutorServiceListRequest());
  return response.executors_size() > 0 ? response.executors(0).name() : "";
}

void Administration::end_workers(const std::string& executor, v1::EndWorkersMode mode) {
  v1::EndWorkersRequest request;
  request.set_name(executor);
  request.set_mode(mode);
  call(&v1::ExecutorService::Stub::EndWorkers, request);
}

}  // namespace futured::detail
