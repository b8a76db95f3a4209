#include "client/cli/await.h"

#include <utility>

#include "client/cli/duration.h"
#include "client/cli/failure.h"

namespace futured::cli {

v1::Outcome await_outcome(Connection& connection, const std::string& id) {
  v1::ResultRequest request;
  request.set_id(id);
  if (const auto left = connection.remaining()) *request.mutable_timeout() = to_proto(*left);
  v1::ResultResponse response =
      connection.call(connection.futures(), &v1::FutureService::Stub::Result, request, Connection::Kind::kWaiting);
  if (!response.done()) throw Failure(ExitCode::kTimeout, "the time is up; the task of " + id + " goes on");
  return std::move(*response.mutable_outcome());
}

}  // namespace futured::cli
