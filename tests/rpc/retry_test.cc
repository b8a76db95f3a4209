// Retry, and the arguments that it needs: how long they are kept, and how Get shows them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/support/details.h"
#include "tests/support/rpc_server.h"

namespace futured {
namespace {

using namespace std::chrono_literals;
using testing::RpcServer;

constexpr const char* kUnknown = "01234567-89ab-8cde-8f01-000000000009";
constexpr const char* kChosen = "01234567-89ab-8cde-8f01-000000000007";

class RetryTest : public ::testing::Test {
 protected:
  // One with the argument "x", and with options.
  std::string submit() {
    v1::SubmitRequest request;
    v1::Task& task = *request.add_tasks();
    task.set_function("another");
    task.mutable_arguments()->add_positional()->set_string_value("x");
    task.mutable_options()->set_executor("manual");
    task.mutable_options()->set_priority(3);
    (*task.mutable_options()->mutable_labels())["team"] = "sales";
    v1::SubmitResponse response;
    grpc::ClientContext context;
    EXPECT_TRUE(server_.stub().Submit(&context, request, &response).ok());
    return response.futures(0).id();
  }
  std::string failed_one() {
    std::string id = submit();
    server_.fail(id);
    return id;
  }
  grpc::Status retry(const std::string& id, std::string& new_id, const std::string& chosen = "",
                     const std::string& caller = "") {
    v1::RetryRequest request;
    request.set_id(id);
    request.set_new_id(chosen);
    v1::RetryResponse response;
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + testing::kPatience);
    if (!caller.empty()) context.AddMetadata(testing::kCallerKey, caller);
    auto status = server_.stub().Retry(&context, request, &response);
    new_id = response.id();
    return status;
  }
  std::string refusal(const std::string& id, const std::string& chosen = "", const std::string& caller = "") {
    std::string ignored;
    return testing::reason_of(retry(id, ignored, chosen, caller));
  }
  grpc::Status get(const std::vector<std::string>& ids, v1::GetResponse& response) {
    v1::GetRequest request;
    request.mutable_ids()->Add(ids.begin(), ids.end());
    request.set_with_arguments(true);
    grpc::ClientContext context;
    return server_.stub().Get(&context, request, &response);
  }
  v1::Future get(const std::string& id) {
    v1::GetResponse response;
    EXPECT_TRUE(get({id}, response).ok());
    return response.futures_size() == 1 ? response.futures(0) : v1::Future();
  }

  RpcServer server_{{}, {.max_answer_size = 2000}};
};

TEST_F(RetryTest, SameTaskIsSubmittedAgain) {
  const std::string id = failed_one();
  std::string again;
  ASSERT_TRUE(retry(id, again).ok());
  EXPECT_NE(again, id);
  EXPECT_EQ(get(id).state(), v1::FUTURE_STATE_FAILED) << "it stays as it is";
  const v1::Future future = get(again);
  EXPECT_EQ(future.function(), "another");
  EXPECT_EQ(future.executor(), "manual");
  EXPECT_EQ(future.priority(), 3);
  EXPECT_EQ(future.labels().at("team"), "sales");
  EXPECT_EQ(future.arguments().positional(0).string_value(), "x");
  server_.succeed(again);
  EXPECT_EQ(get(again).state(), v1::FUTURE_STATE_SUCCEEDED);
}

TEST_F(RetryTest, CancelledOneIsRetriedToo) {
  server_.table().set_executor_state(server_.executor().index(), core::ExecutorState::kPaused);
  const std::string id = submit();
  const core::FutureId parsed = *core::parse_future_id(id);
  server_.table().cancel(core::kDaemonAccount, {&parsed, 1}, core::CancelMode::kPending);
  std::string again;
  EXPECT_TRUE(retry(id, again).ok());
  EXPECT_EQ(get(again).state(), v1::FUTURE_STATE_PENDING);
}

TEST_F(RetryTest, NewIdMakesItSafeToRepeat) {
  const std::string id = failed_one();
  std::string first;
  std::string second;
  ASSERT_TRUE(retry(id, first, kChosen).ok());
  ASSERT_TRUE(retry(id, second, kChosen).ok());
  EXPECT_EQ(first, kChosen);
  EXPECT_EQ(second, kChosen);
  EXPECT_EQ(server_.table().stats().submitted, 2U);
}

TEST_F(RetryTest, OnlyWhatHasFailedIsRetried) {
  const std::string running = submit();
  EXPECT_EQ(refusal(running), "FUTURE_NOT_FAILED");
  server_.succeed(running);
  EXPECT_EQ(refusal(running), "FUTURE_NOT_FAILED");
  EXPECT_EQ(refusal(kUnknown), "FUTURE_UNKNOWN");
  EXPECT_EQ(refusal("no ID"), "FIELD_INVALID");
  EXPECT_EQ(refusal(running, "no ID"), "FIELD_INVALID");
}

TEST_F(RetryTest, FutureOfAnEarlierDaemonMayHaveNoArguments) {
  core::StoredFuture stored;
  stored.id = *core::parse_future_id(kChosen);
  stored.sequence = 1;
  stored.task.function = "task";
  stored.task.executor = "manual";
  stored.task.arguments_size = 5;
  stored.state = core::State::kFailed;
  stored.finished = server_.time().now();
  stored.outcome = core::Outcome::failed({core::Origin::kTask, "ValueError", "no", "", nullptr, 1, ""});
  server_.table().restore({stored});
  EXPECT_EQ(refusal(kChosen), "ARGUMENTS_GONE");
  EXPECT_FALSE(get(kChosen).has_arguments());
}

TEST_F(RetryTest, CallerNeedsWhatSubmittingNeeds) {
  server_.gate().know("stranger", server_.table().add_account({"stranger", "elsewhere"}));
  const std::string id = failed_one();
  EXPECT_EQ(refusal(id, "", "stranger"), "FUTURE_UNKNOWN");
  server_.gate().forbid("another");
  EXPECT_EQ(refusal(id), "PERMISSION_DENIED");
}

TEST_F(RetryTest, ArgumentsAreKeptUntilTheTaskHasSucceeded) {
  const std::string id = submit();
  EXPECT_EQ(get(id).arguments().positional(0).string_value(), "x");
  server_.succeed(id);
  EXPECT_FALSE(get(id).has_arguments());
  EXPECT_GT(get(id).arguments_size(), 0U);
}

TEST_F(RetryTest, KeptArgumentsCountAsWhatIsRetained) {
  const auto before = server_.table().stats().retained_bytes;
  const std::string id = failed_one();
  const auto with_arguments = server_.table().stats().retained_bytes;
  const std::string plain = server_.submit(1).front();
  server_.fail(plain);
  const auto without = server_.table().stats().retained_bytes - with_arguments;
  EXPECT_EQ(with_arguments - before, without + get(id).arguments_size());
  const core::FutureId parsed = *core::parse_future_id(id);
  server_.table().forget(core::kDaemonAccount, {&parsed, 1});
  EXPECT_EQ(server_.table().stats().retained_bytes, before + without);
}

TEST_F(RetryTest, ArgumentsOfTooManyExceedAnAnswer) {
  v1::SubmitRequest request;
  for (int i = 0; i < 3; ++i) {
    v1::Task& task = *request.add_tasks();
    task.set_function("task");
    task.mutable_arguments()->add_positional()->set_string_value(std::string(900, 'x'));
  }
  v1::SubmitResponse response;
  grpc::ClientContext context;
  ASSERT_TRUE(server_.stub().Submit(&context, request, &response).ok());
  std::vector<std::string> ids;
  for (const auto& future : response.futures()) ids.push_back(future.id());
  v1::GetResponse got;
  EXPECT_EQ(testing::reason_of(get(ids, got)), "ANSWER_TOO_LARGE");
  ids.pop_back();
  EXPECT_TRUE(get(ids, got).ok());
}

}  // namespace
}  // namespace futured
