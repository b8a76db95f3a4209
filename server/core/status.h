// Status: why something could not be done, as a value. Result<T>: that, or a T.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

#include "server/core/reason.h"

namespace futured::core {

// A thing that a failure is about. `type` is of static storage: "future", "executor", "session"; empty: there is none.
struct Resource {
  std::string_view type;
  std::string name;
};

// A failure: the reason, a text that names the thing and the limit, and for passing conditions when to try again.
struct Status {
  Reason reason;
  std::string message;
  // 0: trying again as it is cannot help.
  std::chrono::milliseconds retry_delay{0};
  // Of the request, such as "tasks[3].function", where one is to blame.
  std::string field = {};
  Resource resource = {};

  Code code() const { return code_of(reason); }
};

template <class T>
using Result = tl::expected<T, Status>;

// For `return failure(Reason::kDaemonDraining, "…");` in a function that returns a Result.
inline tl::unexpected<Status> failure(Reason reason, std::string message, std::chrono::milliseconds retry_delay = {}) {
  return tl::unexpected<Status>(Status{reason, std::move(message), retry_delay});
}
inline tl::unexpected<Status> failure(Reason reason, std::string message, Resource resource,
                                      std::chrono::milliseconds retry_delay = {}) {
  return tl::unexpected<Status>(Status{reason, std::move(message), retry_delay, {}, std::move(resource)});
}
// The text becomes "field: what".
inline tl::unexpected<Status> field_failure(Reason reason, std::string_view field, std::string_view what) {
  std::string message(field);
  message.append(": ").append(what);
  return tl::unexpected<Status>(Status{reason, std::move(message), std::chrono::milliseconds(0), std::string(field)});
}

}  // namespace futured::core
