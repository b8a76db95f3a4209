#include "access_error.h"

#include "futured/errors.h"

namespace futured::detail {

std::exception_ptr access_error(grpc::StatusCode code, const std::string& message) {
  switch (code) {
    case grpc::StatusCode::UNAUTHENTICATED:
      return std::make_exception_ptr(Unauthenticated(message));
    case grpc::StatusCode::PERMISSION_DENIED:
      return std::make_exception_ptr(PermissionDenied(message));
    default:
      return nullptr;
  }
}

}  // namespace futured::detail
