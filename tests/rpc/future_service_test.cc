// Submit, Cancel, Get, List and Forget: the calls that are answered at once.
#include "server/rpc/future_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/support/details.h"
#include "tests/support/rpc_server.h"

namespace futured {
namespace {

using testing::Async;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::RpcServer;
using ::testing::SizeIs;
using testing::start_call;

using namespace std::chrono_literals;
using Ids = std::vector<std::string>;

class FutureServiceTest : public ::testing::Test {
 protected:
  // Calls a method and returns its response; the status must be OK.
  template <class Request, class Response>
  Response call(void (Async::*method)(grpc::ClientContext*, const Request*, Response*,
                                      std::function<void(grpc::Status)>),
                const Request& request) {
    const auto started = start_call(server_.stub(), method, request);
    const auto status = started->wait();
    EXPECT_TRUE(status.ok()) << status.error_message();
    return started->response();
  }
  v1::Future get(const std::string& id, bool outcomes = false) {
    v1::GetRequest request;
    request.add_ids(id);
    request.set_outcomes(outcomes);
    const auto response = call(&Async::Get, request);
    EXPECT_THAT(response.futures(), SizeIs(1));
    return response.futures(0);
  }
  v1::CancelResponse cancel(const Ids& ids, v1::CancelMode mode) {
    v1::CancelRequest request;
    *request.mutable_ids() = {ids.begin(), ids.end()};
    request.set_mode(mode);
    return call(&Async::Cancel, request);
  }
  void pause() { server_.table().set_executor_state(0, core::ExecutorState::kPaused); }
  static std::string session_of(const std::string& id) { return to_string(core::parse_future_id(id)->session()); }

  RpcServer server_;
};

// --- Submit.

TEST_F(FutureServiceTest, SubmitDrawsIdsThatDiffer) {
  const auto ids = server_.submit(3);
  EXPECT_THAT(std::set<std::string>(ids.begin(), ids.end()), SizeIs(3));
  for (const auto& id : ids) EXPECT_TRUE(core::parse_future_id(id)) << id;
}

TEST_F(FutureServiceTest, SubmitKeepsOrderOptionsAndExecutors) {
  v1::SubmitRequest request;
  for (const char* executor : {"", "manual", "second", ""}) {
    v1::Task& task = *request.add_tasks();
    task.set_function("task");
    task.mutable_options()->set_executor(executor);
  }
  request.mutable_tasks(3)->set_function("another");
  const auto response = call(&Async::Submit, request);
  ASSERT_THAT(response.futures(), SizeIs(4));
  EXPECT_EQ(get(response.futures(0).id()).executor(), "manual");
  EXPECT_EQ(get(response.futures(1).id()).executor(), "manual");
  EXPECT_EQ(get(response.futures(2).id()).executor(), "second");
  EXPECT_EQ(get(response.futures(3).id()).function(), "another");
}

TEST_F(FutureServiceTest, SubmittingTheSameAgainIsTheSameFuture) {
  v1::SubmitRequest request;
  v1::Task& task = *request.add_tasks();
  task.set_id("0b5f9a3e-71c2-8d40-9e5a-000000000001");
  task.set_function("task");
  // Maps have no order of their own.
  for (int i = 0; i < 20; ++i) (*task.mutable_arguments()->mutable_keyword())[std::to_string(i)].set_int_value(i);
  call(&Async::Submit, request);
  server_.succeed(task.id(), 42);

  v1::SubmitRequest again;
  ASSERT_TRUE(again.ParseFromString(request.SerializeAsString()));
  const auto response = call(&Async::Submit, again);
  EXPECT_EQ(response.futures(0).state(), v1::FUTURE_STATE_SUCCEEDED);
  EXPECT_EQ(response.futures(0).outcome().value().int_value(), 42);
  EXPECT_EQ(server_.table().stats().submitted, 1u);
}

TEST_F(FutureServiceTest, ATimeoutIsTheTasks) {
  v1::SubmitRequest request;
  v1::Task& task = *request.add_tasks();
  task.set_function("task");
  task.mutable_options()->mutable_timeout()->set_seconds(2);
  const auto id = call(&Async::Submit, request).futures(0).id();
  server_.time().advance(2s);
  const auto future = get(id, true);
  EXPECT_EQ(future.outcome().error().origin(), v1::ERROR_ORIGIN_TIMEOUT);
}

TEST_F(FutureServiceTest, ARetentionIsTheTasks) {
  v1::SubmitRequest request;
  v1::Task& task = *request.add_tasks();
  task.set_function("task");
  task.mutable_options()->mutable_retention()->set_seconds(10);
  const auto id = call(&Async::Submit, request).futures(0).id();
  server_.succeed(id);
  const auto future = get(id);
  EXPECT_EQ(future.expire_time().seconds() - future.finish_time().seconds(), 10);
}

// --- Cancel.

TEST_F(FutureServiceTest, CancelTellsForEachFutureWhatHappened) {
  const auto running = server_.submit(1).front();
  const auto finished = server_.submit(1).front();
  server_.succeed(finished);
  pause();
  const auto pending = server_.submit(1).front();
  const std::string unknown = "0b5f9a3e-71c2-8d40-9e5a-000000000001";

  const auto response = cancel({running, finished, pending, unknown}, v1::CANCEL_MODE_PENDING);
  EXPECT_THAT(response.effects(), ElementsAre(v1::CANCEL_EFFECT_RUNNING, v1::CANCEL_EFFECT_FINISHED,
                                              v1::CANCEL_EFFECT_CANCELLED, v1::CANCEL_EFFECT_NOT_FOUND));
  EXPECT_EQ(response.cancelled(), 1u);
  EXPECT_EQ(response.stop_requested(), 0u);
  EXPECT_EQ(get(pending).state(), v1::FUTURE_STATE_CANCELLED);

  const auto again = cancel({pending, pending}, v1::CANCEL_MODE_PENDING);
  EXPECT_THAT(again.effects(), ElementsAre(v1::CANCEL_EFFECT_CANCELLED, v1::CANCEL_EFFECT_CANCELLED));
  EXPECT_EQ(again.cancelled(), 0u) << "not by this call";
}

TEST_F(FutureServiceTest, CooperativeCancelAsksRunningTasksToStop) {
  const auto id = server_.submit(1).front();
  const auto response = cancel({id}, v1::CANCEL_MODE_COOPERATIVE);
  EXPECT_THAT(response.effects(), ElementsAre(v1::CANCEL_EFFECT_STOP_REQUESTED));
  EXPECT_EQ(response.stop_requested(), 1u);
  EXPECT_TRUE(server_.executor().was_asked_to_stop(*core::parse_future_id(id)));
}

TEST_F(FutureServiceTest, CancelTakesAWholeSession) {
  server_.submit(1);
  pause();
  const auto ids = server_.submit(3);
  v1::CancelRequest request;
  request.set_session(session_of(ids[0]));
  request.set_mode(v1::CANCEL_MODE_COOPERATIVE);
  const auto response = call(&Async::Cancel, request);
  EXPECT_EQ(response.cancelled(), 3u);
  EXPECT_EQ(response.stop_requested(), 1u);
  EXPECT_THAT(response.effects(), IsEmpty());
}

// --- Get.

TEST_F(FutureServiceTest, GetShowsTimesSizesAndOutcome) {
  v1::SubmitRequest request;
  v1::Task& task = *request.add_tasks();
  task.set_function("task");
  task.mutable_arguments()->add_positional()->set_string_value("twelve bytes");
  const auto id = call(&Async::Submit, request).futures(0).id();
  server_.time().advance(3s);
  server_.succeed(id, 42);

  const auto future = get(id, true);
  EXPECT_EQ(future.id(), id);
  EXPECT_EQ(future.state(), v1::FUTURE_STATE_SUCCEEDED);
  EXPECT_EQ(future.attempt(), 1u);
  EXPECT_EQ(future.submit_time().seconds(), 1'000'000'000);
  EXPECT_EQ(future.start_time().seconds(), 1'000'000'000);
  EXPECT_EQ(future.finish_time().seconds(), 1'000'000'003);
  EXPECT_EQ(future.expire_time().seconds(), 1'000'003'603);
  EXPECT_EQ(future.arguments_size(), task.arguments().ByteSizeLong());
  EXPECT_EQ(future.value_size(), future.outcome().value().ByteSizeLong());
  EXPECT_EQ(future.outcome().value().int_value(), 42);
  EXPECT_FALSE(get(id, false).has_outcome());
}

TEST_F(FutureServiceTest, GetAndListShowProgressUntilTheEnd) {
  const auto id = server_.submit(1).front();
  EXPECT_FALSE(get(id).has_progress());
  ASSERT_TRUE(server_.executor().report_progress(*core::parse_future_id(id), {0.5, "half"}));
  EXPECT_EQ(get(id).state(), v1::FUTURE_STATE_RUNNING);
  EXPECT_EQ(get(id).progress().fraction(), 0.5);
  EXPECT_EQ(get(id).progress().message(), "half");
  EXPECT_EQ(get(id).progress().report_time().seconds(), 1'000'000'000);
  EXPECT_EQ(call(&Async::List, v1::ListRequest()).futures(0).progress().message(), "half");
  server_.succeed(id);
  EXPECT_FALSE(get(id).has_progress());
}

TEST_F(FutureServiceTest, GetLeavesUnknownOnesOut) {
  const auto id = server_.submit(1).front();
  v1::GetRequest request;
  request.add_ids("0b5f9a3e-71c2-8d40-9e5a-000000000001");
  request.add_ids(id);
  const auto response = call(&Async::Get, request);
  ASSERT_THAT(response.futures(), SizeIs(1));
  EXPECT_EQ(response.futures(0).id(), id);
  EXPECT_FALSE(response.futures(0).has_finish_time());
}

// --- List.

TEST_F(FutureServiceTest, ListPagesThroughAllFuturesInTheirOrder) {
  const auto ids = server_.submit(25);
  Ids seen;
  v1::ListRequest request;
  request.set_page_size(10);
  int pages = 0;
  do {
    const auto response = call(&Async::List, request);
    for (const auto& future : response.futures()) seen.push_back(future.id());
    request.set_page_token(response.next_page_token());
  } while (++pages < 10 && !request.page_token().empty());
  EXPECT_THAT(seen, ElementsAreArray(ids));
  EXPECT_EQ(pages, 3);
}

TEST_F(FutureServiceTest, APageThatIsJustFullIsTheLast) {
  server_.submit(10);
  v1::ListRequest request;
  request.set_page_size(10);
  EXPECT_THAT(call(&Async::List, request).next_page_token(), IsEmpty());
}

TEST_F(FutureServiceTest, PageSizesHaveADefaultAndACeiling) {
  server_.submit(1100);
  v1::ListRequest request;
  EXPECT_THAT(call(&Async::List, request).futures(), SizeIs(100));
  request.set_page_size(1'000'000);
  EXPECT_THAT(call(&Async::List, request).futures(), SizeIs(1000));
}

TEST_F(FutureServiceTest, ListFiltersByStateFunctionExecutorAndSession) {
  v1::SubmitRequest submit;
  submit.add_tasks()->set_function("another");
  submit.add_tasks()->set_function("task");
  submit.mutable_tasks(1)->mutable_options()->set_executor("second");
  submit.add_tasks()->set_function("task");
  submit.mutable_tasks(2)->set_id("0b5f9a3e-71c2-8d40-9e5a-000000000001");
  const auto submitted = call(&Async::Submit, submit);
  const auto& futures = submitted.futures();
  server_.succeed(futures[0].id());

  const auto listed = [this](const v1::ListRequest& request) {
    Ids ids;
    const auto response = call(&Async::List, request);
    for (const auto& future : response.futures()) ids.push_back(future.id());
    return ids;
  };
  v1::ListRequest by_state, by_function, by_executor, by_session;
  by_state.add_states(v1::FUTURE_STATE_SUCCEEDED);
  by_state.add_states(v1::FUTURE_STATE_FAILED);
  EXPECT_THAT(listed(by_state), ElementsAre(futures[0].id()));
  by_function.set_function("another");
  EXPECT_THAT(listed(by_function), ElementsAre(futures[0].id()));
  by_executor.set_executor("second");
  EXPECT_THAT(listed(by_executor), ElementsAre(futures[1].id()));
  by_session.set_session("0b5f9a3e-71c2-8d40-9e5a-000000000000");
  EXPECT_THAT(listed(by_session), ElementsAre(futures[2].id()));
}

// --- Forget.

TEST_F(FutureServiceTest, ForgetDropsFinishedOnesAndNamesTheOthers) {
  const auto ids = server_.submit(2);
  server_.succeed(ids[0]);
  v1::ForgetRequest request;
  request.add_ids(ids[0]);
  request.add_ids(ids[1]);
  request.add_ids("0b5f9a3e-71c2-8d40-9e5a-000000000001");
  const auto response = call(&Async::Forget, request);
  EXPECT_THAT(response.forgotten(), ElementsAre(ids[0]));
  EXPECT_THAT(response.unfinished(), ElementsAre(ids[1]));

  v1::ResultRequest result;
  result.set_id(ids[0]);
  const auto status = start_call(server_.stub(), &Async::Result, result)->wait();
  EXPECT_EQ(testing::reason_of(status), "FUTURE_EXPIRED");
  EXPECT_THAT(status.error_message(), HasSubstr("expired"));
}

// --- Answers that would be too large.

TEST_F(FutureServiceTest, SubmitLeavesOutOutcomesThatDoNotFit) {
  v1::SubmitRequest request;
  for (int i = 1; i <= 3; ++i) {
    v1::Task& task = *request.add_tasks();
    task.set_function("task");
    task.set_id("0b5f9a3e-71c2-8d40-9e5a-00000000000" + std::to_string(i));
  }
  call(&Async::Submit, request);
  v1::Value value;
  value.set_bytes_value(std::string(2 << 20, 'x'));
  for (const auto& task : request.tasks()) {
    server_.finish(task.id(), core::Outcome::succeeded(core::Bytes(value.SerializeAsString())));
  }
  const auto response = call(&Async::Submit, request);
  EXPECT_TRUE(response.futures(0).has_outcome());
  EXPECT_FALSE(response.futures(1).has_outcome());
  EXPECT_EQ(response.futures(1).state(), v1::FUTURE_STATE_SUCCEEDED);

  v1::GetRequest get;
  get.set_outcomes(true);
  for (const auto& task : request.tasks()) get.add_ids(task.id());
  const auto status = start_call(server_.stub(), &Async::Get, get)->wait();
  EXPECT_EQ(testing::reason_of(status), "ANSWER_TOO_LARGE");
  EXPECT_THAT(status.error_message(), HasSubstr("ask for fewer"));
}

}  // namespace
}  // namespace futured
