// Result, Wait and Submit with `wait`: the calls that wait for an answer.
#include "server/rpc/wait_reactor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/details.h"
#include "tests/support/rpc_server.h"

namespace futured {
namespace {

using testing::Async;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kPatience;
using testing::PendingCall;
using testing::RpcServer;
using testing::start_call;
using ::testing::UnorderedElementsAre;

using namespace std::chrono_literals;
using Ids = std::vector<std::string>;

class WaitReactorTest : public ::testing::Test {
 protected:
  std::unique_ptr<PendingCall<v1::ResultResponse>> result(const std::string& id, int timeout_s = -1,
                                                          std::chrono::system_clock::duration deadline = kPatience) {
    v1::ResultRequest request;
    request.set_id(id);
    if (timeout_s >= 0) request.mutable_timeout()->set_seconds(timeout_s);
    return start_call(server_.stub(), &Async::Result, request, deadline);
  }
  std::unique_ptr<PendingCall<v1::WaitResponse>> wait(const Ids& ids, v1::ReturnWhen when, int timeout_s = -1) {
    v1::WaitRequest request;
    *request.mutable_ids() = {ids.begin(), ids.end()};
    request.set_return_when(when);
    if (timeout_s >= 0) request.mutable_timeout()->set_seconds(timeout_s);
    return start_call(server_.stub(), &Async::Wait, request);
  }
  std::unique_ptr<PendingCall<v1::SubmitResponse>> submit(int tasks, int wait_s) {
    v1::SubmitRequest request;
    for (int i = 0; i < tasks; ++i) {
      request.add_tasks()->set_function("task");
      request.mutable_tasks(i)->set_id(id_of(i));
    }
    request.mutable_wait()->set_seconds(wait_s);
    return start_call(server_.stub(), &Async::Submit, request);
  }
  static std::string id_of(int number) { return "0b5f9a3e-71c2-8d40-9e5a-00000000000" + std::to_string(number + 1); }
  // The time moves only once a call waits for it.
  void advance(core::Duration by) {
    ASSERT_TRUE(server_.waiting(1));
    server_.time().advance(by);
  }

  RpcServer server_;
};

// --- Result.

TEST_F(WaitReactorTest, ResultOfAFinishedFutureComesAtOnce) {
  const auto id = server_.submit(1).front();
  server_.succeed(id, 42);
  const auto call = result(id, 0);
  ASSERT_TRUE(call->wait().ok());
  EXPECT_TRUE(call->response().done());
  EXPECT_EQ(call->response().state(), v1::FUTURE_STATE_SUCCEEDED);
  EXPECT_EQ(call->response().outcome().value().int_value(), 42);
  EXPECT_TRUE(server_.idle());
}

TEST_F(WaitReactorTest, ResultWaitsForTheEnd) {
  const auto id = server_.submit(1).front();
  const auto call = result(id);
  ASSERT_TRUE(server_.waiting(1));
  EXPECT_FALSE(call->ended());
  server_.fail(id, "out of paper");
  ASSERT_TRUE(call->wait().ok()) << "a task that fails is no failure of the call";
  EXPECT_EQ(call->response().state(), v1::FUTURE_STATE_FAILED);
  EXPECT_EQ(call->response().outcome().error().message(), "out of paper");
  EXPECT_EQ(call->response().outcome().error().origin(), v1::ERROR_ORIGIN_TASK);
  EXPECT_TRUE(server_.idle());
}

TEST_F(WaitReactorTest, ResultOfACancelledFutureSaysSo) {
  server_.table().set_executor_state(0, core::ExecutorState::kPaused);
  const auto id = server_.submit(1).front();
  const auto call = result(id);
  ASSERT_TRUE(server_.waiting(1));
  const auto parsed = *core::parse_future_id(id);
  server_.table().cancel(core::kDaemonAccount, {&parsed, 1}, core::CancelMode::kPending);
  ASSERT_TRUE(call->wait().ok());
  EXPECT_TRUE(call->response().outcome().has_cancelled());
}

TEST_F(WaitReactorTest, ResultThatIsNotThereInTimeIsNotDone) {
  const auto id = server_.submit(1).front();
  const auto call = result(id, 5);
  advance(5s);
  ASSERT_TRUE(call->wait().ok());
  EXPECT_FALSE(call->response().done());
  EXPECT_EQ(call->response().state(), v1::FUTURE_STATE_RUNNING);
  EXPECT_FALSE(call->response().has_outcome());
  EXPECT_TRUE(server_.idle());
}

TEST_F(WaitReactorTest, ResultWithATimeoutOfZeroIsALook) {
  server_.table().set_executor_state(0, core::ExecutorState::kPaused);
  const auto call = result(server_.submit(1).front(), 0);
  ASSERT_TRUE(call->wait().ok());
  EXPECT_FALSE(call->response().done());
  EXPECT_EQ(call->response().state(), v1::FUTURE_STATE_PENDING);
}

TEST_F(WaitReactorTest, ResultOfAValueThatIsNoneIsAnError) {
  const auto id = server_.submit(1).front();
  server_.finish(id, core::Outcome::succeeded(core::Bytes("\xff\xff\xff no message")));
  const auto call = result(id);
  ASSERT_TRUE(call->wait().ok());
  EXPECT_THAT(call->response().outcome().error().message(), HasSubstr("no futured.v1.Value"));
}

TEST_F(WaitReactorTest, ACallerThatGivesUpLeavesNothingBehindAndTouchesNoTask) {
  const auto id = server_.submit(1).front();
  const auto call = result(id, 1000);
  ASSERT_TRUE(server_.waiting(1));
  call->cancel();
  EXPECT_EQ(call->wait().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_TRUE(server_.idle());
  EXPECT_TRUE(server_.executor().is_running(*core::parse_future_id(id)));
  EXPECT_FALSE(server_.executor().was_asked_to_stop(*core::parse_future_id(id)));
}

TEST_F(WaitReactorTest, ADeadlineThatPassesLeavesNothingBehind) {
  const auto id = server_.submit(1).front();
  const auto call = result(id, -1, 50ms);
  EXPECT_EQ(call->wait().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_TRUE(server_.idle());
  server_.succeed(id);
}

TEST_F(WaitReactorTest, ADaemonThatGoesEndsWaitsWithTheReason) {
  const auto id = server_.submit(1).front();
  const auto call = result(id);
  ASSERT_TRUE(server_.waiting(1));
  server_.service().end_waits({core::Reason::kDaemonStopping, "the daemon goes", 1000ms});
  const auto status = call->wait();
  EXPECT_EQ(testing::reason_of(status), "DAEMON_STOPPING");
  EXPECT_EQ(status.error_message(), "the daemon goes");
  EXPECT_TRUE(server_.idle());

  EXPECT_EQ(result(id)->wait().error_code(), grpc::StatusCode::UNAVAILABLE) << "later waits end as well";
  server_.succeed(id);
  EXPECT_TRUE(result(id)->wait().ok()) << "but what has finished is told";
}

// --- Wait.

// semantics 168, 175, 176
TEST_F(WaitReactorTest, WaitForTheFirstAnswersWithOneSnapshot) {
  const auto ids = server_.submit(3);
  const auto call = wait(ids, v1::RETURN_WHEN_FIRST_COMPLETED);
  ASSERT_TRUE(server_.waiting(1));
  server_.succeed(ids[1]);
  ASSERT_TRUE(call->wait().ok());
  EXPECT_THAT(call->response().done(), ElementsAre(ids[1]));
  EXPECT_THAT(call->response().not_done(), ElementsAre(ids[0], ids[2]));
  EXPECT_TRUE(server_.idle());
}

// semantics 169
TEST_F(WaitReactorTest, WaitForTheFirstExceptionEndsAtAFailure) {
  const auto ids = server_.submit(3);
  const auto call = wait(ids, v1::RETURN_WHEN_FIRST_EXCEPTION);
  ASSERT_TRUE(server_.waiting(1));
  server_.succeed(ids[0]);
  EXPECT_FALSE(call->ended());
  server_.fail(ids[2]);
  ASSERT_TRUE(call->wait().ok());
  EXPECT_THAT(call->response().done(), UnorderedElementsAre(ids[0], ids[2]));
}

// semantics 168
TEST_F(WaitReactorTest, WaitForAllEndsWithTheLast) {
  const auto ids = server_.submit(2);
  const auto call = wait(ids, v1::RETURN_WHEN_ALL_COMPLETED);
  ASSERT_TRUE(server_.waiting(1));
  server_.fail(ids[0]);
  EXPECT_FALSE(call->ended());
  server_.succeed(ids[1]);
  ASSERT_TRUE(call->wait().ok());
  EXPECT_THAT(call->response().done(), ElementsAre(ids[0], ids[1]));
  EXPECT_THAT(call->response().not_done(), IsEmpty());
}

// semantics 167
TEST_F(WaitReactorTest, WaitCountsDuplicatesOnce) {
  const auto id = server_.submit(1).front();
  const auto call = wait({id, id, id}, v1::RETURN_WHEN_ALL_COMPLETED, 0);
  ASSERT_TRUE(call->wait().ok());
  EXPECT_THAT(call->response().done(), IsEmpty());
  EXPECT_THAT(call->response().not_done(), ElementsAre(id));
}

// semantics 173
TEST_F(WaitReactorTest, WaitTellsWhatItHasWhenTheTimeIsUp) {
  const auto ids = server_.submit(2);
  const auto call = wait(ids, v1::RETURN_WHEN_ALL_COMPLETED, 5);
  ASSERT_TRUE(server_.waiting(1));
  server_.succeed(ids[0]);
  advance(5s);
  ASSERT_TRUE(call->wait().ok());
  EXPECT_THAT(call->response().done(), ElementsAre(ids[0]));
  EXPECT_THAT(call->response().not_done(), ElementsAre(ids[1]));
  EXPECT_TRUE(server_.idle());
}

TEST_F(WaitReactorTest, WaitTakesAForgottenFutureForDone) {
  const auto ids = server_.submit(2);
  const auto call = wait(ids, v1::RETURN_WHEN_ALL_COMPLETED, 5);
  ASSERT_TRUE(server_.waiting(1));
  server_.succeed(ids[0]);
  const auto gone = *core::parse_future_id(ids[0]);
  server_.table().forget(core::kDaemonAccount, {&gone, 1});
  advance(5s);
  ASSERT_TRUE(call->wait().ok());
  EXPECT_THAT(call->response().done(), ElementsAre(ids[0]));
}

// --- Submit with `wait`.

TEST_F(WaitReactorTest, SubmitThatWaitsBringsTheOutcomes) {
  const auto call = submit(2, 60);
  ASSERT_TRUE(server_.waiting(1));
  server_.succeed(id_of(1), 7);
  server_.fail(id_of(0), "jam");
  ASSERT_TRUE(call->wait().ok());
  ASSERT_EQ(call->response().futures_size(), 2);
  EXPECT_EQ(call->response().futures(0).id(), id_of(0));
  EXPECT_EQ(call->response().futures(0).state(), v1::FUTURE_STATE_FAILED);
  EXPECT_EQ(call->response().futures(0).outcome().error().message(), "jam");
  EXPECT_EQ(call->response().futures(1).outcome().value().int_value(), 7);
  EXPECT_TRUE(server_.idle());
}

TEST_F(WaitReactorTest, SubmitThatWaitedLongEnoughSaysHowFarTheyAre) {
  const auto call = submit(2, 5);
  ASSERT_TRUE(server_.waiting(1));
  server_.succeed(id_of(1));
  advance(5s);
  ASSERT_TRUE(call->wait().ok());
  EXPECT_EQ(call->response().futures(0).state(), v1::FUTURE_STATE_RUNNING);
  EXPECT_FALSE(call->response().futures(0).has_outcome());
  EXPECT_EQ(call->response().futures(1).state(), v1::FUTURE_STATE_SUCCEEDED);
}

TEST_F(WaitReactorTest, ARepeatedSubmitWaitsForTheSameFutures) {
  const auto first = submit(1, 60);
  ASSERT_TRUE(server_.waiting(1));
  const auto second = submit(1, 60);
  ASSERT_TRUE(server_.waiting(2));
  server_.succeed(id_of(0), 3);
  ASSERT_TRUE(first->wait().ok());
  ASSERT_TRUE(second->wait().ok());
  EXPECT_EQ(second->response().futures(0).outcome().value().int_value(), 3);
  EXPECT_EQ(server_.table().stats().submitted, 1u);
}

TEST_F(WaitReactorTest, ACallerThatGivesUpOnItsSubmitLeavesTheTasksAlone) {
  const auto call = submit(1, 60);
  ASSERT_TRUE(server_.waiting(1));
  call->cancel();
  EXPECT_EQ(call->wait().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_TRUE(server_.idle());
  EXPECT_TRUE(server_.executor().is_running(*core::parse_future_id(id_of(0))));
}

}  // namespace
}  // namespace futured
