#include "administration.h"

#include "call_error.h"
#include "futured/errors.h"
#include "retry.h"

namespace futured::detail {

Administration::Administration(const Connector& connector, const Timeouts& timeouts)
    : connector_(connector), timeouts_(timeouts) {
  credentials_for_call(connector);
}

template <class Request, class Response>
Response Administration::call(grpc::Status (v1::ExecutorService::Stub::*method)(grpc::ClientContext*, const Request&,
                                                                                Response*),
                              const Request& request) const {
  Response response;
  const grpc::Status status = Retry(timeouts_.reconnect).run([&] {
    const LoadedCredentials credentials = credentials_for_call(connector_);
    v1::ExecutorService::Stub stub(connector_.open(credentials));
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + timeouts_.call);
    authorize(context, credentials);
    return (stub.*method)(&context, request, &response);
  });
  if (!status.ok()) fail_call(status, connector_.address(), Missing::kExecutor);
  return response;
}

std::string Administration::default_executor() const {
  const auto response = call(&v1::ExecutorService::Stub::List, v1::ExecutorServiceListRequest());
  return response.executors_size() > 0 ? response.executors(0).name() : "";
}

void Administration::end_workers(const std::string& executor, v1::EndWorkersMode mode) const {
  v1::EndWorkersRequest request;
  request.set_name(executor);
  request.set_mode(mode);
  call(&v1::ExecutorService::Stub::EndWorkers, request);
}

}  // namespace futured::detail
