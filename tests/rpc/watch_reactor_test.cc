#include "server/rpc/watch_reactor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/recording_subscriber.h"
#include "tests/support/rpc_server.h"

namespace futured {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kPatience;
using testing::RecordingSubscriber;
using testing::RpcServer;
using ::testing::SizeIs;

using namespace std::chrono_literals;
using Ids = std::vector<std::string>;

v1::WatchRequest request_for(const Ids& ids, bool follow = true) {
  v1::WatchRequest request;
  *request.mutable_ids() = {ids.begin(), ids.end()};
  request.set_logs(true);
  request.set_progress(true);
  request.set_follow(follow);
  return request;
}

// One stream, read on the test's thread.
class Stream {
 public:
  Stream(RpcServer& server, const v1::WatchRequest& request, std::chrono::system_clock::duration deadline = kPatience) {
    context_.set_deadline(std::chrono::system_clock::now() + deadline);
    reader_ = server.stub().Watch(&context_, request);
  }

  bool read() {
    v1::WatchResponse response;
    if (!reader_->Read(&response)) return false;
    for (const v1::FutureNews& news : response.news()) {
      last[news.id()] = news;
      if (states.empty() || states.back() != news.state()) states.push_back(news.state());
      for (const v1::LogLine& line : news.lines()) {
        texts.push_back(line.text());
        numbers.push_back(line.number());
      }
    }
    return true;
  }
  void read_lines(std::size_t count) {
    while (texts.size() < count) ASSERT_TRUE(read());
  }
  grpc::Status finish() {
    while (read()) {
    }
    return reader_->Finish();
  }
  void cancel() { context_.TryCancel(); }

  std::map<std::string, v1::FutureNews> last;
  std::vector<v1::FutureState> states;
  std::vector<std::string> texts;
  std::vector<std::uint64_t> numbers;

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchResponse>> reader_;
};

grpc::Status status_of(RpcServer& server, const v1::WatchRequest& request) { return Stream(server, request).finish(); }

TEST(WatchReactorTest, TellsWhatThereIsAndEnds) {
  RpcServer server;
  const auto ids = server.submit(2);
  server.log(ids[0], "one");
  server.log(ids[0], "two", 3);
  server.executor().report_progress(*core::parse_future_id(ids[1]), {0.5, "half"});
  server.succeed(ids[0]);
  Stream stream(server, request_for(ids, false));
  const auto status = stream.finish();
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_THAT(stream.texts, ElementsAre("one", "two"));
  EXPECT_THAT(stream.numbers, ElementsAre(1, 5));
  EXPECT_EQ(stream.last[ids[0]].state(), v1::FUTURE_STATE_SUCCEEDED);
  EXPECT_EQ(stream.last[ids[0]].last_line(), 5U);
  EXPECT_EQ(stream.last[ids[1]].state(), v1::FUTURE_STATE_RUNNING);
  EXPECT_EQ(stream.last[ids[1]].progress().message(), "half");
  EXPECT_TRUE(server.idle());
}

TEST(WatchReactorTest, FollowsUntilAllHaveEnded) {
  RpcServer server;
  const auto ids = server.submit(2);
  Stream stream(server, request_for(ids));
  ASSERT_TRUE(stream.read());
  server.log(ids[0], "one");
  stream.read_lines(1);
  server.log(ids[1], "two");
  stream.read_lines(2);
  server.succeed(ids[1]);
  server.log(ids[0], "three");
  server.fail(ids[0], "jam");
  EXPECT_TRUE(stream.finish().ok());
  EXPECT_THAT(stream.texts, ElementsAre("one", "two", "three"));
  EXPECT_EQ(stream.last[ids[0]].state(), v1::FUTURE_STATE_FAILED);
  EXPECT_EQ(stream.last[ids[1]].state(), v1::FUTURE_STATE_SUCCEEDED);
  EXPECT_TRUE(server.idle());
}

TEST(WatchReactorTest, TellsStatesOnTheirWay) {
  RpcServer server;
  server.table().set_executor_state(0, core::ExecutorState::kPaused);
  const auto ids = server.submit(1);
  Stream stream(server, request_for(ids));
  ASSERT_TRUE(stream.read());
  server.table().set_executor_state(0, core::ExecutorState::kActive);
  server.log(ids[0], "begun");
  stream.read_lines(1);
  server.succeed(ids[0]);
  EXPECT_TRUE(stream.finish().ok());
  EXPECT_THAT(stream.states,
              ElementsAre(v1::FUTURE_STATE_PENDING, v1::FUTURE_STATE_RUNNING, v1::FUTURE_STATE_SUCCEEDED));
}

TEST(WatchReactorTest, WhatWasNotAskedForIsNotTold) {
  RpcServer server;
  const auto ids = server.submit(1);
  server.log(ids[0], "one");
  server.executor().report_progress(*core::parse_future_id(ids[0]), {0.5, "half"});
  v1::WatchRequest request = request_for(ids, false);
  request.set_logs(false);
  request.set_progress(false);
  Stream stream(server, request);
  EXPECT_TRUE(stream.finish().ok());
  EXPECT_THAT(stream.texts, IsEmpty());
  EXPECT_FALSE(stream.last[ids[0]].has_progress());
  EXPECT_EQ(stream.last[ids[0]].last_line(), 1U);
}

TEST(WatchReactorTest, BrokenStreamIsResumedByItsPositions) {
  RpcServer server;
  const auto ids = server.submit(2);
  server.log(ids[0], "one");
  server.log(ids[1], "uno");
  Stream first(server, request_for(ids, false));
  ASSERT_TRUE(first.finish().ok());
  server.log(ids[0], "two");
  v1::WatchRequest request = request_for({ids[0], ids[1], ids[0]}, false);
  for (const std::string& id : request.ids()) request.add_positions(first.last[id].position());
  Stream second(server, request);
  EXPECT_TRUE(second.finish().ok());
  EXPECT_THAT(second.texts, ElementsAre("two"));
  // As of another daemon.
  request.mutable_positions()->at(0) = "1-2";
  Stream third(server, request);
  EXPECT_TRUE(third.finish().ok());
  EXPECT_THAT(third.texts, ElementsAre("one", "two"));
}

TEST(WatchReactorTest, LargeLogsLeaveInSeveralMessages) {
  RpcServer server({.max_log_bytes = 64 << 20});
  const auto ids = server.submit(3);
  for (const auto& id : ids) {
    for (int i = 0; i < 300; ++i) server.log(id, std::string(core::kLongestLogLine, 'x'));
    server.succeed(id);
  }
  Stream stream(server, request_for(ids));
  EXPECT_TRUE(stream.finish().ok());
  EXPECT_THAT(stream.texts, SizeIs(900));
  EXPECT_TRUE(server.idle());
}

TEST(WatchReactorTest, ReaderThatPausesMissesOnlyWhatIsNotKept) {
  RpcServer server({.max_log_lines = 100, .max_log_bytes = 64 << 20});
  const auto ids = server.submit(1);
  Stream stream(server, request_for(ids));
  ASSERT_TRUE(stream.read());
  for (int i = 0; i < 2000; ++i) server.log(ids[0], std::string(core::kLongestLogLine, 'x'));
  server.succeed(ids[0]);
  EXPECT_TRUE(stream.finish().ok());
  EXPECT_EQ(stream.numbers.back(), 2000U);
  EXPECT_LT(stream.numbers.size(), 2000U);
  EXPECT_THAT(stream.texts, Each(SizeIs(core::kLongestLogLine)));
  EXPECT_TRUE(server.idle());
}

// As a session does that has had its outcome.
TEST(WatchReactorTest, FutureThatIsReleasedMeanwhileIsToldOfToTheEnd) {
  RpcServer server({.max_log_lines = 5000, .max_log_bytes = 64 << 20});
  const auto ids = server.submit(1);
  const auto owner = RecordingSubscriber::add(server.table());
  const core::WatchRequest watch{*core::parse_future_id(ids[0]), 0};
  ASSERT_TRUE(server.table().subscribe(owner->id(), {&watch, 1}, false));
  Stream stream(server, request_for(ids));
  ASSERT_TRUE(stream.read());
  // Far more than fits on the way to a reader that does not read.
  for (int i = 0; i < 2000; ++i) server.log(ids[0], std::string(core::kLongestLogLine, 'x'));
  server.succeed(ids[0]);
  const core::Handle handle = owner->drain(server.table()).back().handle;
  server.table().remove_subscriber(owner->id());
  server.table().release({&handle, 1});
  EXPECT_TRUE(stream.finish().ok());
  EXPECT_EQ(stream.numbers.back(), 2000U);
  EXPECT_EQ(stream.last[ids[0]].state(), v1::FUTURE_STATE_SUCCEEDED);
  EXPECT_TRUE(server.idle());
}

TEST(WatchReactorTest, FutureForgottenInMidStreamEndsItAndIsNamed) {
  RpcServer server({.max_log_bytes = 64 << 20});
  const auto ids = server.submit(20);
  for (const auto& id : ids) {
    for (int i = 0; i < 100; ++i) server.log(id, std::string(core::kLongestLogLine, 'x'));
    server.succeed(id);
  }
  // Far more than fits on the way to a reader that has not read yet.
  Stream stream(server, request_for(ids));
  ASSERT_TRUE(server.waiting(1));
  const auto last = *core::parse_future_id(ids.back());
  ASSERT_EQ(server.table().forget(core::kDaemonAccount, {&last, 1}).front(), core::ForgetEffect::kForgotten);
  const auto status = stream.finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_THAT(status.error_message(), HasSubstr(ids.back()));
  EXPECT_THAT(stream.texts, SizeIs(1900));
  EXPECT_TRUE(server.idle());
}

TEST(WatchReactorTest, UnknownFutureIsNamed) {
  RpcServer server;
  auto ids = server.submit(1);
  ids.emplace_back("0b5f9a3e-71c2-8d40-9e5a-000000000007");
  const auto status = status_of(server, request_for(ids));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_THAT(status.error_message(), HasSubstr(ids.back()));
  EXPECT_TRUE(server.idle());
}

TEST(WatchReactorTest, BadRequestsAreNamed) {
  RpcServer server;
  const auto ids = server.submit(1);
  EXPECT_THAT(status_of(server, request_for({})).error_message(), HasSubstr("ids: empty"));
  EXPECT_THAT(status_of(server, request_for({"x\n"})).error_message(), HasSubstr("ids[0]: \"x\\x0a\""));
  v1::WatchRequest request = request_for(ids);
  request.add_positions("nonsense\x1b");
  EXPECT_THAT(status_of(server, request).error_message(), HasSubstr("positions[0]: \"nonsense\\x1b\" is no"));
  request.add_positions("");
  const auto status = status_of(server, request);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("positions: 2 of them for 1 IDs"));
}

TEST(WatchReactorTest, CallerThatGivesUpLeavesNothingBehind) {
  RpcServer server;
  const auto ids = server.submit(3);
  Stream stream(server, request_for(ids));
  ASSERT_TRUE(stream.read());
  stream.cancel();
  EXPECT_EQ(stream.finish().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_TRUE(server.idle());
  server.log(ids[0], "goes on");
  server.succeed(ids[0]);
}

TEST(WatchReactorTest, CallerThatGivesUpWithAMessageOnItsWayLeavesNothingBehind) {
  RpcServer server({.max_log_bytes = 64 << 20});
  const auto ids = server.submit(20);
  for (const auto& id : ids) {
    for (int i = 0; i < 100; ++i) server.log(id, std::string(core::kLongestLogLine, 'x'));
    server.succeed(id);
  }
  Stream stream(server, request_for(ids));
  ASSERT_TRUE(stream.read());
  stream.cancel();
  EXPECT_FALSE(stream.finish().ok());
  EXPECT_TRUE(server.idle());
}

TEST(WatchReactorTest, DaemonThatGoesEndsStreamsWithTheReason) {
  RpcServer server;
  const auto ids = server.submit(1);
  Stream stream(server, request_for(ids));
  ASSERT_TRUE(stream.read());
  server.service().end_waits({core::Reason::kDaemonStopping, "the daemon goes", {}});
  const auto status = stream.finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(status.error_message(), "the daemon goes");
  EXPECT_TRUE(server.idle());
}

}  // namespace
}  // namespace futured
