#include "administration.h"

#include <utility>

#include "call_error.h"
#include "futured/errors.h"

namespace futured::detail {
Administration::Administration(const Connector& connector, std::chrono::milliseconds timeout)
    : address_(connector.address()),
      timeout_(timeout),
      credentials_(credentials_for_call(connector)),
      stub_(v1::ExecutorService::NewStub(connector.open(credentials_))) {}

template <class Request, class Response>
Response Administration::call(grpc::Status (v1::ExecutorService::Stub::*method)(grpc::ClientContext*, const Request&,
                                                                                Response*),
                              const Request& request) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + timeout_);
  authorize(context, credentials_);
  Response response;
  const grpc::Status status = (*stub_.*method)(&context, request, &response);
  if (!status.ok()) fail_call(status, address_, Missing::kExecutor);
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
