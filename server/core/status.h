// Status: why something could not be done, as a value. Result<T>: that, or a T.
#pragma once

#include <chrono>
#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace futured::core {

// The canonical codes that the daemon uses; the numbers are gRPC's.
enum class Code {
  kInvalidArgument = 3,
  kNotFound = 5,
  kAlreadyExists = 6,
  kPermissionDenied = 7,
  kResourceExhausted = 8,
  kFailedPrecondition = 9,
  kAborted = 10,
  kUnavailable = 14,
};

// A failure: what kind, a text that names the thing and the limit, and for passing conditions when to try again.
struct Status {
  Code code;
  std::string message;
  // 0: trying again as it is cannot help.
  std::chrono::milliseconds retry_delay{0};
};

template <class T>
using Result = tl::expected<T, Status>;

// For `return failure(Code::kNotFound, "…");` in a function that returns a Result.
inline tl::unexpected<Status> failure(Code code, std::string message, std::chrono::milliseconds retry_delay = {}) {
  return tl::unexpected<Status>(Status{code, std::move(message), retry_delay});
}

}  // namespace futured::core
