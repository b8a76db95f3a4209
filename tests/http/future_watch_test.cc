#include "server/http/future_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>

#include "futured/v1/future_service.pb.h"
#include "tests/http/fakes.h"

namespace futured::http {
namespace {

using testing::FakeCaller;
using testing::FakeClient;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class FutureWatchTest : public ::testing::Test {
 protected:
  std::shared_ptr<FakeClient> watch(const std::string& id, const std::string& method = "GET") {
    auto client = std::make_shared<FakeClient>();
    Request request;
    request.method = method;
    request.path = FutureWatch::kPrefix + id + FutureWatch::kSuffix;
    futures_.handle(request, client);
    return client;
  }
  // What the RPC tells: a state, and a line where there is one.
  void tell(v1::FutureState state, const std::string& line = "") {
    v1::WatchResponse response;
    auto& news = *response.add_news();
    news.set_state(state);
    if (!line.empty()) news.add_lines()->set_text(line);
    rpc_.message(response.SerializeAsString());
    io_.poll();
    io_.restart();
  }
  void end(core::UnaryAnswer answer) {
    rpc_.done(std::move(answer));
    io_.poll();
    io_.restart();
  }

  FakeCaller rpc_;
  boost::asio::io_context io_;
  Caller caller_{rpc_, rpc_, io_.get_executor(), "proof"};
  HttpStats stats_;
  StreamCount count_{1, stats_};
  FutureWatch futures_{caller_, count_, io_.get_executor(), io_.get_executor()};
};

TEST_F(FutureWatchTest, NewsAreToldAsEventsUntilTheEnd) {
  const auto client = watch("some-id");
  v1::WatchRequest asked;
  ASSERT_TRUE(asked.ParseFromString(rpc_.request->bytes));
  EXPECT_EQ(asked.ids(0), "some-id");
  EXPECT_TRUE(asked.logs() && asked.progress() && asked.follow());
  tell(v1::FUTURE_STATE_RUNNING);
  ASSERT_TRUE(client->stream_head);
  EXPECT_EQ(client->stream_head->content_type, "text/event-stream");
  EXPECT_THAT(client->stream_head->body, StartsWith("event: progress\ndata: {"));
  EXPECT_THAT(client->stream_head->body, HasSubstr("FUTURE_STATE_RUNNING"));
  EXPECT_EQ(stats_.counts().event_streams, 1U);
  tell(v1::FUTURE_STATE_RUNNING, "a line");
  EXPECT_THAT(client->pieces.at(0), StartsWith("event: log\ndata: {"));
  EXPECT_THAT(client->pieces.at(0), HasSubstr("a line"));
  end({});
  EXPECT_EQ(client->pieces.at(1), "event: done\ndata: {}\n\n");
  EXPECT_TRUE(client->closed);
  EXPECT_EQ(stats_.counts().event_streams, 0U);
}

TEST_F(FutureWatchTest, NextNewsAreAskedForOnceThoseBeforeWereTaken) {
  const auto client = watch("id");
  client->reads = false;
  tell(v1::FUTURE_STATE_RUNNING);
  EXPECT_EQ(rpc_.call->asked, 0);
  client->reads = true;
  const auto other = watch("id");
  tell(v1::FUTURE_STATE_RUNNING);
  EXPECT_EQ(rpc_.call->asked, 0) << "one stream is the limit";
  client->close();
  const auto next = watch("id");
  tell(v1::FUTURE_STATE_RUNNING);
  EXPECT_EQ(rpc_.call->asked, 1);
  next->close();
}

TEST_F(FutureWatchTest, RefusalIsTheAnswer) {
  const auto client = watch("id");
  end({.code = 5, .message = "future is unknown"});
  ASSERT_TRUE(client->answer);
  EXPECT_EQ(client->answer->status, 404U);
  EXPECT_THAT(client->answer->body, HasSubstr("future is unknown"));
}

TEST_F(FutureWatchTest, StreamThatBreaksIsNotDone) {
  const auto client = watch("id");
  tell(v1::FUTURE_STATE_RUNNING);
  end({.code = 16, .message = "the token has expired"});
  EXPECT_TRUE(client->closed);
  EXPECT_TRUE(client->pieces.empty());
}

TEST_F(FutureWatchTest, StreamsAreLimited) {
  FakeClient other;
  ASSERT_TRUE(count_.take(other));
  const auto client = watch("id");
  tell(v1::FUTURE_STATE_RUNNING);
  EXPECT_EQ(client->answer.value().status, 503U);
  EXPECT_TRUE(rpc_.call->cancelled);
}

TEST_F(FutureWatchTest, ClientThatGoesEndsTheCall) {
  const auto waiting = watch("id");
  waiting->close();
  EXPECT_TRUE(rpc_.call->cancelled);
  end({.code = 1});
  rpc_.call->cancelled = false;
  const auto listening = watch("id");
  tell(v1::FUTURE_STATE_RUNNING);
  listening->close();
  EXPECT_TRUE(rpc_.call->cancelled);
  EXPECT_EQ(stats_.counts().event_streams, 0U);
}

TEST_F(FutureWatchTest, HeadSaysWhetherThereIsOne) {
  const auto client = watch("id", "HEAD");
  tell(v1::FUTURE_STATE_RUNNING);
  EXPECT_EQ(client->answer.value().status, 200U);
  EXPECT_FALSE(client->stream_head);
  EXPECT_TRUE(rpc_.call->cancelled);
}

TEST_F(FutureWatchTest, WhatIsNoTextIsRefusedHere) {
  EXPECT_EQ(watch("a/b")->answer.value().status, 400U);
  EXPECT_EQ(watch("\xff")->answer.value().status, 400U);
  EXPECT_FALSE(rpc_.request);
}

}  // namespace
}  // namespace futured::http
