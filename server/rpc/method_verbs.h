// What a caller must be allowed for each method. A method that is not here is nobody's.
#pragma once

#include <array>
#include <string_view>

#include "server/security/identity.h"

namespace futured::rpc {

struct MethodVerb {
  std::string_view method;
  // One of them is enough. Only Session has two: what is asked on it is checked request by request.
  security::Verb verb;
  security::Verb or_verb;
};

namespace methods {
inline constexpr std::string_view kSubmit = "/futured.v1.FutureService/Submit";
inline constexpr std::string_view kSession = "/futured.v1.FutureService/Session";
// What attaching on a session is.
inline constexpr std::string_view kAsCompleted = "/futured.v1.FutureService/AsCompleted";
inline constexpr std::string_view kCancel = "/futured.v1.FutureService/Cancel";
inline constexpr std::string_view kWatch = "/futured.v1.FutureService/Watch";
inline constexpr std::string_view kRetry = "/futured.v1.FutureService/Retry";
}  // namespace methods

namespace internal {
constexpr MethodVerb needs(std::string_view method, security::Verb verb) { return {method, verb, verb}; }
}  // namespace internal

inline constexpr std::array kMethodVerbs = {
    internal::needs(methods::kSubmit, security::Verb::kSubmit),
    MethodVerb{methods::kSession, security::Verb::kSubmit, security::Verb::kRead},
    internal::needs("/futured.v1.FutureService/Result", security::Verb::kRead),
    internal::needs("/futured.v1.FutureService/Wait", security::Verb::kRead),
    internal::needs(methods::kAsCompleted, security::Verb::kRead),
    internal::needs(methods::kWatch, security::Verb::kRead),
    internal::needs("/futured.v1.FutureService/Get", security::Verb::kRead),
    internal::needs("/futured.v1.FutureService/List", security::Verb::kRead),
    internal::needs(methods::kCancel, security::Verb::kCancel),
    internal::needs(methods::kRetry, security::Verb::kSubmit),
    // Dropping what is finished takes it from all who share the namespace.
    internal::needs("/futured.v1.FutureService/Forget", security::Verb::kCancel),
    internal::needs("/futured.v1.DaemonService/Get", security::Verb::kRead),
    internal::needs("/futured.v1.DaemonService/Drain", security::Verb::kAdmin),
    internal::needs("/futured.v1.DaemonService/Resume", security::Verb::kAdmin),
    internal::needs("/futured.v1.ExecutorService/List", security::Verb::kRead),
    internal::needs("/futured.v1.ExecutorService/Get", security::Verb::kRead),
    internal::needs("/futured.v1.ExecutorService/Pause", security::Verb::kAdmin),
    internal::needs("/futured.v1.ExecutorService/Resume", security::Verb::kAdmin),
    internal::needs("/futured.v1.ExecutorService/Drain", security::Verb::kAdmin),
    internal::needs("/futured.v1.ExecutorService/EndWorkers", security::Verb::kAdmin),
    // It holds the futures of all namespaces.
    internal::needs("/futured.v1.StoreService/Backup", security::Verb::kAdmin),
};

// Null: there is no such method.
constexpr const MethodVerb* find_method(std::string_view method) {
  for (const MethodVerb& row : kMethodVerbs) {
    if (row.method == method) return &row;
  }
  return nullptr;
}

}  // namespace futured::rpc
