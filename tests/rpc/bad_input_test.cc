// What each RPC says to input that it cannot take: the status that the manual promises, and a message that names the
// field.
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "tests/support/answer.h"
#include "tests/support/details.h"
#include "tests/support/rpc_server.h"

namespace futured {
namespace {

using core::Reason;
using ::testing::AllOf;
using testing::Answer;
using testing::as_completed;
using testing::Async;
using testing::call;
using testing::expect;
using ::testing::HasSubstr;
using testing::Ids;
using testing::kPatience;
using testing::RpcServer;
using testing::start_call;
using testing::wait;
using testing::with_ids;

constexpr char kUnknown[] = "0b5f9a3e-71c2-8d40-9e5a-000000000001";

v1::SubmitRequest one_task() {
  v1::SubmitRequest request;
  request.add_tasks()->set_function("task");
  return request;
}

// --- Every RPC that takes bytes.

class AnyBytesTest : public ::testing::TestWithParam<const google::protobuf::MethodDescriptor*> {
 protected:
  static grpc::Status call_with(RpcServer& server, const std::string& bytes) {
    grpc::GenericStub stub(server.channel());
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kPatience);
    const grpc::Slice slice(bytes);
    const grpc::ByteBuffer request(&slice, 1);
    grpc::ByteBuffer response;
    std::promise<grpc::Status> ended;
    stub.UnaryCall(&context, "/" + GetParam()->service()->full_name() + "/" + GetParam()->name(), {}, &request,
                   &response, [&](grpc::Status status) { ended.set_value(std::move(status)); });
    return ended.get_future().get();
  }
};

TEST_P(AnyBytesTest, OversizedOnesAreRefusedWithBothSizes) {
  RpcServer server({}, {}, 1000);
  const auto status = call_with(server, std::string(1001, 'x'));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(status.error_message(), HasSubstr("1001 vs. 1000"));
  EXPECT_TRUE(server.idle());
}

TEST_P(AnyBytesTest, MalformedOnesAreRefusedByName) {
  RpcServer server;
  const auto status = call_with(server, "\xff\xff\xff\xff no message");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(testing::reason_of(status), "REQUEST_MALFORMED");
  EXPECT_THAT(status.error_message(), HasSubstr(GetParam()->input_type()->full_name()));
  EXPECT_TRUE(server.idle());
}

std::vector<const google::protobuf::MethodDescriptor*> methods() {
  std::vector<const google::protobuf::MethodDescriptor*> found;
  for (const auto* file : {v1::SubmitRequest::descriptor()->file(), v1::PauseRequest::descriptor()->file()}) {
    const auto* service = file->service(0);
    for (int i = 0; i < service->method_count(); ++i) {
      if (!service->method(i)->client_streaming()) found.push_back(service->method(i));
    }
  }
  return found;
}

INSTANTIATE_TEST_SUITE_P(AllMethods, AnyBytesTest, ::testing::ValuesIn(methods()),
                         [](const auto& each) { return each.param->service()->name() + each.param->name(); });

// --- Submit.
class BadInputTest : public ::testing::Test {
 protected:
  Answer submit(const v1::SubmitRequest& request) { return call(server_, &Async::Submit, request); }
  void expect_nothing_submitted() { EXPECT_EQ(server_.table().stats().submitted, 0u); }
  RpcServer server_{{}, {.max_arguments_size = 1000, .max_ids_per_call = 10}};
};

TEST_F(BadInputTest, SubmitOfNoOrTooManyTasksIsRefused) {
  expect(submit({}), Reason::kFieldInvalid, "tasks: empty");
  v1::SubmitRequest many;
  for (int i = 0; i < 11; ++i) many.add_tasks()->set_function("task");
  expect(submit(many), Reason::kTooManyItems, "tasks: 11 tasks, the limit is 10");
  expect_nothing_submitted();
}

TEST_F(BadInputTest, SubmitOfATimeoutAboveTheMaximumIsRefused) {
  RpcServer server({.max_timeout = std::chrono::minutes(10)});
  auto request = one_task();
  request.mutable_tasks(0)->mutable_options()->mutable_timeout()->set_seconds(3600);
  expect(call(server, &Async::Submit, request), Reason::kTimeoutTooLong,
         "timeout 3600 s is above the maximum of 600 s (max_timeout)");
  EXPECT_EQ(server.table().stats().submitted, 0u);
  request.mutable_tasks(0)->mutable_options()->mutable_timeout()->set_seconds(600);
  expect(call(server, &Async::Submit, request), grpc::StatusCode::OK, "");
}

TEST_F(BadInputTest, SubmitNamesTheTaskAtFault) {
  for (const std::string& name : {std::string(), std::string("no spaces"), std::string(129, 'x')}) {
    auto request = one_task();
    request.add_tasks()->set_function(name);
    expect(submit(request), Reason::kFieldInvalid, "tasks[1].function");
  }
  auto request = one_task();
  request.mutable_tasks(0)->set_id("7");
  expect(submit(request), Reason::kFieldInvalid, "tasks[0].id: \"7\"");
  expect_nothing_submitted();
}

TEST_F(BadInputTest, SubmitOfOversizedArgumentsSaysBothSizes) {
  auto request = one_task();
  request.mutable_tasks(0)->mutable_arguments()->add_positional()->set_bytes_value(std::string(1000, 'x'));
  const auto size = request.tasks(0).arguments().ByteSizeLong();
  const auto answer = submit(request);
  expect(answer, Reason::kArgumentsTooLarge,
         "tasks[0].arguments: " + std::to_string(size) + " bytes, the limit is 1000");
  EXPECT_EQ(answer.retry_after_ms, "");
  expect_nothing_submitted();
}

TEST_F(BadInputTest, SubmitOfAValueWithoutKindIsRefused) {
  auto request = one_task();
  auto& arguments = *request.mutable_tasks(0)->mutable_arguments();
  arguments.add_positional()->set_bool_value(true);
  arguments.add_positional()->mutable_list_value()->add_items();
  expect(submit(request), Reason::kFieldInvalid, "tasks[0].arguments: positional[1].list_value.items[0]");
  arguments.clear_positional();
  (*(*arguments.mutable_keyword())["size"].mutable_map_value()->mutable_entries())["x"];
  expect(submit(request), Reason::kFieldInvalid, "keyword[\"size\"].map_value.entries[\"x\"]");
  expect_nothing_submitted();
}

TEST_F(BadInputTest, SubmitOfTheSameIdTwiceInOneCallIsRefused) {
  auto request = one_task();
  request.mutable_tasks(0)->set_id(kUnknown);
  *request.add_tasks() = request.tasks(0);
  expect(submit(request), Reason::kFieldInvalid, "tasks[1].id");
  expect_nothing_submitted();
}

TEST_F(BadInputTest, SubmitOfAnIdWithOtherContentIsRefused) {
  auto request = one_task();
  request.mutable_tasks(0)->set_id(kUnknown);
  EXPECT_EQ(submit(request).code, grpc::StatusCode::OK);

  auto other = request;
  other.mutable_tasks(0)->mutable_arguments()->add_positional()->set_bool_value(true);
  expect(submit(other), Reason::kFutureIdTaken, "another list of arguments");
  other = request;
  other.mutable_tasks(0)->set_function("another");
  expect(submit(other), Reason::kFutureIdTaken, "another function");
  other = request;
  other.mutable_tasks(0)->mutable_options()->set_executor("second");
  expect(submit(other), Reason::kFutureIdTaken, "another executor");
  other = request;
  other.mutable_tasks(0)->mutable_options()->mutable_timeout()->set_seconds(1);
  other.mutable_wait()->set_seconds(10);
  expect(submit(other), Reason::kFutureIdTaken, kUnknown);
  EXPECT_EQ(server_.table().stats().submitted, 1u);
  EXPECT_TRUE(server_.idle());
}

TEST_F(BadInputTest, SubmitToAnUnknownExecutorListsThoseThereAre) {
  auto request = one_task();
  request.mutable_tasks(0)->mutable_options()->set_executor("gpu");
  const auto answer = submit(request);
  expect(answer, Reason::kExecutorUnknown, "tasks[0].options.executor");
  EXPECT_THAT(answer.message, AllOf(HasSubstr("gpu"), HasSubstr("manual, second")));
  EXPECT_EQ(answer.field, "tasks[0].options.executor");
  EXPECT_EQ(answer.resource, "executor gpu");
  request.mutable_tasks(0)->mutable_options()->set_executor(std::string(100'000, 'x'));
  EXPECT_EQ(submit(request).reason, "EXECUTOR_UNKNOWN");
  EXPECT_LT(submit(request).message.size(), 300u);
}

TEST_F(BadInputTest, SubmitIsAllOrNothing) {
  auto request = one_task();
  request.add_tasks()->set_function("task");
  request.mutable_tasks(1)->mutable_options()->mutable_retention()->set_seconds(-1);
  expect(submit(request), Reason::kFieldInvalid, "tasks[1].options.retention");
  expect_nothing_submitted();
}

TEST_F(BadInputTest, SubmitWaitsAtMostAnHour) {
  auto request = one_task();
  request.mutable_wait()->set_seconds(3601);
  expect(submit(request), Reason::kFieldInvalid, "wait");
  request.mutable_wait()->set_seconds(-1);
  expect(submit(request), Reason::kFieldInvalid, "wait");
  request.mutable_wait()->set_seconds(1);
  request.mutable_wait()->set_nanos(1'000'000'000);
  expect(submit(request), Reason::kFieldInvalid, "wait");
  expect_nothing_submitted();
}

TEST_F(BadInputTest, ADrainingDaemonTakesNoTasks) {
  server_.table().drain_all();
  for (const int wait_s : {0, 10}) {
    auto request = one_task();
    request.mutable_wait()->set_seconds(wait_s);
    const auto answer = submit(request);
    expect(answer, Reason::kDaemonDraining, "draining");
    EXPECT_NE(answer.retry_after_ms, "");
  }
  EXPECT_TRUE(server_.idle());
}

TEST(FullDaemonTest, SaysWhichLimitAndWhenToTryAgain) {
  RpcServer server({.max_pending = 2, .retry_delay = std::chrono::milliseconds(250)});
  v1::SubmitRequest request;
  for (int i = 0; i < 3; ++i) request.add_tasks()->set_function("task");
  const auto hopeless = call(server, &Async::Submit, request);
  expect(hopeless, Reason::kTooManyPending, "the limit is 2");
  EXPECT_EQ(hopeless.retry_after_ms, "");
  EXPECT_EQ(server.table().stats().submitted, 0u);

  request.mutable_tasks()->RemoveLast();
  EXPECT_EQ(call(server, &Async::Submit, request).code, grpc::StatusCode::OK);
  const auto early = call(server, &Async::Submit, request);
  expect(early, Reason::kTooManyPending, "the limit is 2");
  EXPECT_EQ(early.retry_after_ms, "250");
  EXPECT_EQ(server.table().stats().submitted, 2u);
}

TEST(FullDaemonTest, RefusesWaitersAboveTheLimit) {
  RpcServer server({.max_subscribers = 1});
  const auto id = server.submit(1).front();
  v1::ResultRequest request;
  request.set_id(id);
  const auto first = start_call(server.stub(), &Async::Result, request);
  ASSERT_TRUE(server.waiting(1));

  for (const Answer& answer : {call(server, &Async::Result, request), wait(server, {id}),
                               as_completed(server, with_ids<v1::AsCompletedRequest>({id}))}) {
    expect(answer, Reason::kTooManyWaiters, "that is the limit");
    EXPECT_EQ(answer.retry_after_ms, "100");
  }
  server.succeed(id);
  EXPECT_TRUE(first->wait().ok());
  EXPECT_TRUE(server.idle());
}

// --- The others.

TEST_F(BadInputTest, ResultOfABadIdIsRefused) {
  v1::ResultRequest request;
  expect(call(server_, &Async::Result, request), Reason::kFieldInvalid, "id: \"\"");
  request.set_id(kUnknown);
  expect(call(server_, &Async::Result, request), Reason::kFutureUnknown, kUnknown);
  request.mutable_timeout()->set_nanos(-1);
  expect(call(server_, &Async::Result, request), Reason::kFieldInvalid, "timeout");
}

TEST_F(BadInputTest, ResultOfAReleasedFutureSaysThatItHasExpired) {
  auto submitted = one_task();
  submitted.mutable_tasks(0)->set_id(kUnknown);
  EXPECT_EQ(submit(submitted).code, grpc::StatusCode::OK);
  server_.succeed(kUnknown);
  EXPECT_EQ(call(server_, &Async::Forget, with_ids<v1::ForgetRequest>({kUnknown})).code, grpc::StatusCode::OK);
  v1::ResultRequest request;
  request.set_id(kUnknown);
  expect(call(server_, &Async::Result, request), Reason::kFutureExpired, "has expired");
}

TEST_F(BadInputTest, WaitNeedsToKnowForWhat) {
  auto request = with_ids<v1::WaitRequest>(server_.submit(1));
  expect(call(server_, &Async::Wait, request), Reason::kFieldInvalid, "return_when");
  request.set_return_when(static_cast<v1::ReturnWhen>(9));
  expect(call(server_, &Async::Wait, request), Reason::kFieldInvalid, "return_when: 9");
  request.set_return_when(v1::RETURN_WHEN_ALL_COMPLETED);
  request.mutable_timeout()->set_seconds(-1);
  expect(call(server_, &Async::Wait, request), Reason::kFieldInvalid, "timeout");
}

TEST_F(BadInputTest, AsCompletedTakesNoNegativeTime) {
  auto request = with_ids<v1::AsCompletedRequest>(server_.submit(1));
  request.mutable_timeout()->set_seconds(-1);
  expect(as_completed(server_, request), Reason::kFieldInvalid, "timeout");
}

TEST_F(BadInputTest, CancelTakesIdsOrASessionAndAKnownMode) {
  v1::CancelRequest request;
  request.set_session("0b5f9a3e-71c2-8d40-9e5a-000000000000");
  request.add_ids(kUnknown);
  expect(call(server_, &Async::Cancel, request), Reason::kFieldInvalid, "exactly one");
  request.clear_ids();
  request.set_session(kUnknown);
  expect(call(server_, &Async::Cancel, request), Reason::kFieldInvalid, "session");
  request.set_mode(static_cast<v1::CancelMode>(7));
  expect(call(server_, &Async::Cancel, request), Reason::kFieldInvalid, "mode: 7");
}

TEST_F(BadInputTest, ListNamesTheFieldAtFault) {
  const auto list = [this](const std::function<void(v1::ListRequest&)>& spoil) {
    v1::ListRequest request;
    spoil(request);
    return call(server_, &Async::List, request);
  };
  constexpr auto kInvalid = Reason::kFieldInvalid;
  expect(list([](auto& request) { request.set_page_size(-1); }), kInvalid, "page_size");
  expect(list([](auto& request) { request.set_page_token("1x"); }), kInvalid, "page_token");
  expect(list([](auto& request) { request.add_states(v1::FUTURE_STATE_UNSPECIFIED); }), kInvalid, "states[0]");
  expect(list([](auto& request) { request.add_states(static_cast<v1::FutureState>(9)); }), kInvalid, "states[0]: 9");
  expect(list([](auto& request) { request.set_function("no spaces"); }), kInvalid, "function");
  expect(list([](auto& request) { request.set_session("x"); }), kInvalid, "session");
  expect(list([](auto& request) { request.set_executor("gpu"); }), Reason::kExecutorUnknown, "gpu");
}

}  // namespace
}  // namespace futured
