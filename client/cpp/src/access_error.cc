#include "access_error.h"

namespace futured::detail {

std::exception_ptr access_error(grpc::StatusCode code, const std::string& message, const Refusal& refusal) {
  switch (code) {
    case grpc::StatusCode::UNAUTHENTICATED:
      return std::make_exception_ptr(Unauthenticated(message, refusal));
    case grpc::StatusCode::PERMISSION_DENIED:
      return std::make_exception_ptr(PermissionDenied(message, refusal));
    default:
      return nullptr;
  }
}

}  // namespace futured::detail
