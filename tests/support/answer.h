// Answer: how an RPC ended, for tests that ask nothing else.
#pragma once

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "server/core/reason.h"
#include "tests/support/details.h"
#include "tests/support/rpc_server.h"

namespace futured::testing {

// How a call ended.
struct Answer {
  grpc::StatusCode code;
  std::string message;
  // Empty: none.
  std::string retry_after_ms;
  // Of the details.
  std::string reason;
  std::string field;
  std::string resource;
};

inline Answer answer_of(const grpc::Status& status, const grpc::ClientContext& context) {
  const auto& trailer = context.GetServerTrailingMetadata();
  const auto delay = trailer.find("retry-after-ms");
  const Details details = details_of(status);
  return {status.error_code(),
          status.error_message(),
          delay == trailer.end() ? "" : std::string(delay->second.data(), delay->second.size()),
          details.reason,
          details.field,
          details.resource};
}

template <class Request, class Response>
Answer call(RpcServer& server,
            void (Async::*method)(grpc::ClientContext*, const Request*, Response*, std::function<void(grpc::Status)>),
            const Request& request) {
  const auto started = start_call(server.stub(), method, request);
  const auto status = started->wait();
  return answer_of(status, started->context());
}

inline Answer as_completed(RpcServer& server, const v1::AsCompletedRequest& request) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  const auto reader = server.stub().AsCompleted(&context, request);
  v1::AsCompletedResponse response;
  while (reader->Read(&response)) continue;
  const auto status = reader->Finish();
  return answer_of(status, context);
}

// For calls that the daemon does not refuse.
inline void expect(const Answer& answer, grpc::StatusCode code, const std::string& text) {
  EXPECT_EQ(answer.code, code) << answer.message;
  EXPECT_EQ(answer.reason, "") << answer.message;
  EXPECT_THAT(answer.message, ::testing::HasSubstr(text));
}

// A message about a field begins with its name.
inline void expect(const Answer& answer, core::Reason reason, const std::string& text) {
  EXPECT_EQ(answer.reason, to_string(reason)) << answer.message;
  EXPECT_EQ(answer.code, static_cast<grpc::StatusCode>(code_of(reason))) << answer.message;
  if (reason == core::Reason::kFieldInvalid) {
    EXPECT_NE(answer.field, "");
    EXPECT_THAT(answer.message, ::testing::StartsWith(answer.field + ": "));
  }
  EXPECT_THAT(answer.message, ::testing::HasSubstr(text));
}

using Ids = std::vector<std::string>;

template <class Request>
Request with_ids(const Ids& ids) {
  Request request;
  *request.mutable_ids() = {ids.begin(), ids.end()};
  return request;
}

inline Answer wait(RpcServer& server, const Ids& ids) {
  auto request = with_ids<v1::WaitRequest>(ids);
  request.set_return_when(v1::RETURN_WHEN_ALL_COMPLETED);
  return call(server, &Async::Wait, request);
}

}  // namespace futured::testing
