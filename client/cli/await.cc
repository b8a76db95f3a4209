#include "client/cli/await.h"

#include <utility>

#include "client/cli/failure.h"

namespace futured::cli {

v1::Outcome await_outcome(Connection& connection, const std::string& id) {
  v1::ResultRequest request;
  request.set_id(id);
  v1::ResultResponse response = connection.call(&v1::FutureService::Stub::Result, request, Connection::Kind::kWaiting);
  if (!response.done()) throw Failure(ExitCode::kTimeout, "the time is up; the task of " + id + " goes on");
  return std::move(*response.mutable_outcome());
}

}  // namespace futured::cli
