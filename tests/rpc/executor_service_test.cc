#include "server/rpc/executor_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/details.h"
#include "tests/support/rpc_server.h"

namespace futured {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::kPatience;
using testing::RpcServer;
using ::testing::SizeIs;

class ExecutorServiceTest : public ::testing::Test {
 protected:
  using Stub = v1::ExecutorService::Stub;

  template <class Request, class Response>
  grpc::Status call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                    const std::string& name, Response& response) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kPatience);
    Request request;
    request.set_name(name);
    return ((*stub_).*method)(&context, request, &response);
  }
  // What a call answers about "manual".
  template <class Request, class Response>
  v1::Executor about_manual(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*)) {
    Response response;
    const auto status = call(method, "manual", response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.executor();
  }
  template <class Request, class Response>
  void expect_bad_names_refused(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*)) {
    Response response;
    const auto unknown = call(method, "gpu", response);
    EXPECT_EQ(testing::reason_of(unknown), "EXECUTOR_UNKNOWN");
    EXPECT_THAT(unknown.error_message(), AllOf(HasSubstr("gpu"), HasSubstr("manual, second")));
    const auto endless = call(method, std::string(100'000, 'x'), response);
    EXPECT_EQ(testing::reason_of(endless), "EXECUTOR_UNKNOWN");
    EXPECT_LT(endless.error_message().size(), 300u);
    const auto empty = call(method, "", response);
    EXPECT_EQ(testing::reason_of(empty), "FIELD_INVALID");
    EXPECT_THAT(empty.error_message(), HasSubstr("name"));
  }

  RpcServer server_;
  std::unique_ptr<Stub> stub_ = v1::ExecutorService::NewStub(server_.channel());
};

TEST_F(ExecutorServiceTest, ListShowsAllTheDefaultFirst) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  v1::ExecutorServiceListResponse response;
  ASSERT_TRUE(stub_->List(&context, {}, &response).ok());
  ASSERT_THAT(response.executors(), SizeIs(2));
  EXPECT_EQ(response.executors(0).name(), "manual");
  EXPECT_EQ(response.executors(1).name(), "second");
}

TEST_F(ExecutorServiceTest, GetShowsWhatItIsAndHowBusy) {
  const auto ids = server_.submit(3);
  server_.succeed(ids[0]);
  server_.fail(ids[1]);
  const auto executor = about_manual(&Stub::Get);
  EXPECT_EQ(executor.kind(), "manual");
  EXPECT_EQ(executor.state(), v1::EXECUTOR_STATE_ACTIVE);
  EXPECT_EQ(executor.max_workers(), 1u);
  EXPECT_EQ(executor.running(), 1u);
  EXPECT_EQ(executor.pending(), 0u);
  EXPECT_EQ(executor.succeeded(), 1u);
  EXPECT_EQ(executor.failed(), 1u);
  ASSERT_THAT(executor.functions(), SizeIs(2));
  EXPECT_EQ(executor.functions(0).name(), "another") << "sorted";
  EXPECT_EQ(executor.functions(1).signature(), "void()");
}

TEST_F(ExecutorServiceTest, PauseBeginsNothingUntilResume) {
  EXPECT_EQ(about_manual(&Stub::Pause).state(), v1::EXECUTOR_STATE_PAUSED);
  const auto id = *core::parse_future_id(server_.submit(1).front());
  EXPECT_FALSE(server_.executor().is_running(id));
  EXPECT_EQ(about_manual(&Stub::Pause).pending(), 1u) << "and may be repeated";
  EXPECT_EQ(about_manual(&Stub::Resume).state(), v1::EXECUTOR_STATE_ACTIVE);
  EXPECT_TRUE(server_.executor().is_running(id));
}

TEST_F(ExecutorServiceTest, DrainRefusesNewTasksAndRunsTheOthers) {
  const auto id = server_.submit(1).front();
  EXPECT_EQ(about_manual(&Stub::Drain).state(), v1::EXECUTOR_STATE_DRAINING);
  v1::SubmitRequest request;
  request.add_tasks()->set_function("task");
  const auto status = testing::start_call(server_.stub(), &testing::Async::Submit, request)->wait();
  EXPECT_EQ(testing::reason_of(status), "EXECUTOR_DRAINING");
  EXPECT_THAT(status.error_message(), AllOf(HasSubstr("manual"), HasSubstr("draining")));
  server_.succeed(id);
  about_manual(&Stub::Resume);
  server_.submit(1);
}

TEST_F(ExecutorServiceTest, BadNamesAreRefused) {
  expect_bad_names_refused(&Stub::Get);
  expect_bad_names_refused(&Stub::Pause);
  expect_bad_names_refused(&Stub::Resume);
  expect_bad_names_refused(&Stub::Drain);
}

}  // namespace
}  // namespace futured
