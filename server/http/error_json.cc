#include "server/http/error_json.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "server/http/error_details.h"

namespace futured::http {
namespace {

enum Canonical {
  kCancelled = 1,
  kInvalidArgument = 3,
  kDeadlineExceeded = 4,
  kNotFound = 5,
  kAlreadyExists = 6,
  kPermissionDenied = 7,
  kResourceExhausted = 8,
  kFailedPrecondition = 9,
  kAborted = 10,
  kOutOfRange = 11,
  kUnimplemented = 12,
  kInternal = 13,
  kUnavailable = 14,
  kUnauthenticated = 16,
};

int code_of(unsigned status) {
  switch (status) {
    case 403:
      return kPermissionDenied;
    case 404:
      return kNotFound;
    case 405:
    case 501:
      return kUnimplemented;
    case 413:
    case 431:
      return kResourceExhausted;
    case 503:
      return kUnavailable;
    default:
      return kInvalidArgument;
  }
}

// Texts of others may be no UTF-8.
Response json_response(unsigned status, const nlohmann::json& json) {
  return {status, "application/json", json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n"};
}

}  // namespace

unsigned status_of(int code) {
  switch (code) {
    case 0:
      return 200;
    case kCancelled:
      return 499;
    case kInvalidArgument:
    case kFailedPrecondition:
    case kOutOfRange:
      return 400;
    case kDeadlineExceeded:
      return 504;
    case kNotFound:
      return 404;
    case kAlreadyExists:
    case kAborted:
      return 409;
    case kPermissionDenied:
      return 403;
    case kResourceExhausted:
      return 429;
    case kUnimplemented:
      return 501;
    case kUnavailable:
      return 503;
    case kUnauthenticated:
      return 401;
    default:
      return 500;
  }
}

Response error_response(unsigned status, std::string message) {
  return json_response(
      status, {{"code", code_of(status)}, {"message", std::move(message)}, {"details", nlohmann::json::array()}});
}

Response error_response(core::Reason reason, std::string message) {
  const int code = static_cast<int>(core::code_of(reason));
  const nlohmann::json info = {{"@type", "type.googleapis.com/google.rpc.ErrorInfo"},
                               {"reason", core::to_string(reason)},
                               {"domain", "futured"}};
  return json_response(status_of(code),
                       {{"code", code}, {"message", std::move(message)}, {"details", nlohmann::json::array({info})}});
}

Response error_response(const core::UnaryAnswer& answer) {
  Response response =
      json_response(status_of(answer.code),
                    {{"code", answer.code}, {"message", answer.message}, {"details", details_as_json(answer.details)}});
  if (answer.retry_delay.count() > 0) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(answer.retry_delay);
    response.headers.emplace_back("Retry-After", std::to_string(seconds.count()));
  }
  if (answer.code == kUnauthenticated) response.headers.emplace_back("WWW-Authenticate", "Bearer");
  return response;
}

}  // namespace futured::http
