// What a request is about, for the audit log.
#pragma once

#include <string>

#include "futured/v1/future_service.pb.h"
#include "server/rpc/gate.h"

namespace futured::rpc {

inline Subject subject_of(const v1::SubmitRequest& request) {
  if (request.tasks().empty()) return {};
  const v1::Task& first = request.tasks(0);
  return {static_cast<std::uint64_t>(request.tasks_size()), first.id(), first.options().executor(), first.function()};
}

// Of a request about one future, several, or an executor.
template <class Request>
Subject subject_of(const Request& request) {
  Subject subject;
  if constexpr (requires { request.ids(0); }) {
    subject.ids = static_cast<std::uint64_t>(request.ids_size());
    if (!request.ids().empty()) subject.first_id = request.ids(0);
  } else if constexpr (requires { request.id(); }) {
    subject = {1, request.id()};
  } else if constexpr (requires { request.name(); }) {
    subject.executor = request.name();
  }
  return subject;
}

// Records a call that may be made.
template <class Request>
void record(Gate& gate, const Caller& caller, std::string_view method, const Request& request) {
  if (gate.records()) gate.record(caller, method, subject_of(request));
}

}  // namespace futured::rpc
