#include "call_error.h"

#include <exception>
#include <stdexcept>

#include "access_error.h"
#include "futured/errors.h"
#include "refusal.h"

namespace futured::detail {

LoadedCredentials credentials_for_call(const Connector& connector) {
  try {
    return connector.load();
  } catch (const std::invalid_argument& error) {
    throw Unauthenticated(error.what());
  }
}

void fail_call(const grpc::Status& status, const std::string& address, Missing missing) {
  const Refusal refusal = refusal_of(status);
  if (const auto error = access_error(status.error_code(), status.error_message(), refusal)) {
    std::rethrow_exception(error);
  }
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
    // By a daemon that ends: calls that come in its last moment.
    case grpc::StatusCode::CANCELLED:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      throw ConnectionLost("no answer from " + address + ": " + status.error_message(), refusal);
    case grpc::StatusCode::NOT_FOUND:
      if (missing == Missing::kFuture) throw UnknownFuture(status.error_message(), refusal);
      throw BrokenExecutor(status.error_message(), refusal);
    default:
      throw Refused(status.error_message(), refusal);
  }
}

}  // namespace futured::detail
