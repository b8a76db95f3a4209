// What Get and List show of attempts, times and labels, and what List filters by.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/support/details.h"
#include "tests/support/rpc_server.h"

namespace futured {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::RpcServer;

using namespace std::chrono_literals;
using Ids = std::vector<std::string>;

// What the manual time shows at first.
constexpr std::int64_t kStart = 1'000'000'000;

class ListTest : public ::testing::Test {
 protected:
  std::string submit(const v1::TaskOptions& options) {
    v1::SubmitRequest request;
    request.add_tasks()->set_function("task");
    *request.mutable_tasks(0)->mutable_options() = options;
    v1::SubmitResponse response;
    grpc::ClientContext context;
    const auto status = server_.stub().Submit(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return status.ok() ? response.futures(0).id() : "";
  }
  std::string submit_with_label(const std::string& key, const std::string& value) {
    v1::TaskOptions options;
    (*options.mutable_labels())[key] = value;
    return submit(options);
  }
  grpc::Status list(const v1::ListRequest& request, v1::ListResponse& response) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + testing::kPatience);
    return server_.stub().List(&context, request, &response);
  }
  v1::ListResponse list(const v1::ListRequest& request = {}) {
    v1::ListResponse response;
    const auto status = list(request, response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  Ids ids(const v1::ListRequest& request) {
    Ids found;
    const auto response = list(request);
    for (const auto& future : response.futures()) found.push_back(future.id());
    return found;
  }
  void expect_refused(const v1::ListRequest& request, const std::string& text) {
    v1::ListResponse response;
    const auto status = list(request, response);
    EXPECT_EQ(testing::reason_of(status), "FIELD_INVALID");
    EXPECT_THAT(status.error_message(), HasSubstr(text));
  }

  RpcServer server_{{}, {.max_answer_size = 2000}};
};

TEST_F(ListTest, UsualTaskHasOneAttempt) {
  submit({});
  const v1::Future future = list().futures(0);
  EXPECT_EQ(future.max_attempts(), 1U);
  EXPECT_FALSE(future.has_due_time() || future.has_fail_time() || future.has_last_error() || future.has_options());
}

TEST_F(ListTest, EachOptionIsShownByGetAndList) {
  v1::TaskOptions options;
  options.set_executor("second");
  options.mutable_timeout()->set_seconds(3);
  options.mutable_retention()->set_seconds(4);
  options.mutable_not_before()->set_seconds(kStart + 90);
  options.mutable_retry()->set_max_attempts(3);
  options.mutable_retry()->mutable_delay()->set_nanos(5);
  options.mutable_retry()->set_factor(1.5);
  const std::string id = submit(options);
  v1::GetRequest request;
  request.add_ids(id);
  v1::GetResponse response;
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + testing::kPatience);
  ASSERT_TRUE(server_.stub().Get(&context, request, &response).ok());
  options.clear_executor();
  EXPECT_EQ(response.futures(0).options().DebugString(), options.DebugString());
  EXPECT_EQ(list().futures(0).options().DebugString(), options.DebugString());
}

TEST_F(ListTest, OptionsAreShown) {
  v1::TaskOptions options;
  options.mutable_retry()->set_max_attempts(3);
  options.mutable_expires()->set_seconds(60);
  options.mutable_delay()->set_seconds(20);
  options.set_priority(7);
  options.set_ephemeral(true);
  (*options.mutable_labels())["team"] = "sales";
  submit(options);
  const v1::Future future = list().futures(0);
  EXPECT_EQ(future.state(), v1::FUTURE_STATE_PENDING);
  EXPECT_EQ(future.max_attempts(), 3U);
  EXPECT_EQ(future.fail_time().seconds(), kStart + 60);
  EXPECT_EQ(future.due_time().seconds(), kStart + 20);
  EXPECT_EQ(future.priority(), 7);
  EXPECT_TRUE(future.ephemeral());
  EXPECT_FALSE(future.at_most_once());
  EXPECT_EQ(future.labels().at("team"), "sales");
}

TEST_F(ListTest, NotBeforeIsShownAsTheTimeWhenItIsDue) {
  v1::TaskOptions options;
  options.mutable_not_before()->set_seconds(kStart + 90);
  submit(options);
  EXPECT_EQ(list().futures(0).due_time().seconds(), kStart + 90);
  server_.time().advance(90s);
  EXPECT_FALSE(list().futures(0).has_due_time());
}

TEST_F(ListTest, FutureBetweenTwoAttemptsTellsWhy) {
  v1::TaskOptions options;
  options.mutable_retry()->set_max_attempts(2);
  options.mutable_retry()->set_jitter(0);
  const std::string id = submit(options);
  server_.fail(id, "first");
  const v1::Future future = list().futures(0);
  EXPECT_EQ(future.state(), v1::FUTURE_STATE_PENDING);
  EXPECT_EQ(future.attempt(), 1U);
  EXPECT_EQ(future.due_time().seconds(), kStart + 1);
  EXPECT_EQ(future.last_error().message(), "first");
  server_.time().advance(1s);
  server_.succeed(id);
  EXPECT_EQ(list().futures(0).attempt(), 2U);
  EXPECT_FALSE(list().futures(0).has_last_error());
}

TEST_F(ListTest, LongMessageIsCutBetweenTwoCharacters) {
  const std::string id = submit({});
  std::string message(255, 'a');
  message += "\xc3\xa4";
  server_.fail(id, message);
  EXPECT_EQ(list().futures(0).last_error().message(), std::string(255, 'a'));
  EXPECT_EQ(list().futures(0).last_error().type(), "std::runtime_error");
}

TEST_F(ListTest, FiltersByLabels) {
  const std::string first = submit_with_label("team", "sales");
  submit_with_label("team", "search");
  submit({});
  v1::ListRequest request;
  (*request.mutable_labels())["team"] = "sales";
  EXPECT_THAT(ids(request), ElementsAre(first));
  (*request.mutable_labels())["zone"] = "a";
  EXPECT_THAT(ids(request), IsEmpty());
}

TEST_F(ListTest, FiltersByTheTimeOfSubmission) {
  const std::string first = submit({});
  server_.time().advance(10s);
  const std::string second = submit({});
  v1::ListRequest request;
  request.mutable_submitted_from()->set_seconds(kStart + 10);
  EXPECT_THAT(ids(request), ElementsAre(second));
  request.Clear();
  request.mutable_submitted_before()->set_seconds(kStart + 10);
  EXPECT_THAT(ids(request), ElementsAre(first));
}

TEST_F(ListTest, PagesGoTheOtherWayRoundWhenAskedTo) {
  const Ids submitted{submit({}), submit({}), submit({})};
  v1::ListRequest request;
  request.set_newest_first(true);
  request.set_page_size(2);
  const auto first = list(request);
  ASSERT_EQ(first.futures_size(), 2);
  EXPECT_EQ(first.futures(0).id(), submitted[2]);
  EXPECT_EQ(first.futures(1).id(), submitted[1]);
  request.set_page_token(first.next_page_token());
  EXPECT_THAT(ids(request), ElementsAre(submitted[0]));
}

TEST_F(ListTest, BadFiltersAreRefusedByName) {
  v1::ListRequest request;
  (*request.mutable_labels())["a b"] = "";
  expect_refused(request, "labels: \"a b\" is no key");
  request.Clear();
  request.mutable_submitted_from()->set_seconds(-1);
  expect_refused(request, "submitted_from: ");
  request.Clear();
  request.mutable_submitted_before()->set_nanos(-1);
  expect_refused(request, "submitted_before: ");
}

TEST_F(ListTest, PageIsShorterWhenItsFuturesAreLarge) {
  Ids submitted;
  for (int i = 0; i < 30; ++i) submitted.push_back(submit_with_label("key", std::string(256, 'v')));
  Ids seen;
  v1::ListRequest request;
  int pages = 0;
  do {
    const auto response = list(request);
    ASSERT_GT(response.futures_size(), 0);
    for (const auto& future : response.futures()) seen.push_back(future.id());
    request.set_page_token(response.next_page_token());
  } while (++pages < 30 && !request.page_token().empty());
  EXPECT_EQ(seen, submitted);
  EXPECT_GT(pages, 3);
}

}  // namespace
}  // namespace futured
