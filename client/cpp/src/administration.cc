#include "administration.h"

#include <exception>
#include <stdexcept>
#include <utility>

#include "access_error.h"
#include "futured/errors.h"
#include "refusal.h"

namespace futured::detail {
namespace {

LoadedCredentials loaded(const Connector& connector) {
  try {
    return connector.load();
  } catch (const std::invalid_argument& error) {
    throw Unauthenticated(error.what());
  }
}

[[noreturn]] void fail(const grpc::Status& status, const std::string& address) {
  if (auto error = access_error(status.error_code(), status.error_message(), refusal_of(status)))
    std::rethrow_exception(std::move(error));
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

Administration::Administration(const Connector& connector, std::chrono::milliseconds timeout)
    : address_(connector.address()),
      timeout_(timeout),
      credentials_(loaded(connector)),
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
