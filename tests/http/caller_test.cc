#include "server/http/caller.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "tests/http/fakes.h"

namespace futured::http {
namespace {

using ::testing::ElementsAre;
using testing::FakeCaller;
using testing::FakeClient;
using ::testing::HasSubstr;
using ::testing::Pair;
using namespace std::chrono_literals;

class CallerTest : public ::testing::Test {
 protected:
  // Nothing: it was passed on.
  std::optional<Response> call(std::vector<std::pair<std::string, std::string>> headers) {
    Request request;
    request.headers = std::move(headers);
    const auto called = caller_.call(request, client_, "/a.B/C", "bytes",
                                     [this](core::UnaryAnswer answer) { answer_ = std::move(answer); });
    return called ? std::nullopt : std::optional(called.error());
  }

  boost::asio::io_context io_;
  FakeCaller rpc_;
  Caller caller_{rpc_, rpc_, io_.get_executor(), "proof"};
  const std::shared_ptr<FakeClient> client_ = std::make_shared<FakeClient>();
  std::optional<core::UnaryAnswer> answer_;
};

TEST_F(CallerTest, SaysWhoCallsAndPassesCredentials) {
  ASSERT_FALSE(call({{"authorization", "Bearer token"}, {"traceparent", "00-1-2-01"}}));
  EXPECT_EQ(rpc_.request->method, "/a.B/C");
  EXPECT_EQ(rpc_.request->bytes, "bytes");
  EXPECT_THAT(rpc_.request->metadata,
              ElementsAre(Pair("futured-forwarded", "proof 127.0.0.1:40000"), Pair("authorization", "Bearer token"),
                          Pair("traceparent", "00-1-2-01")));
}

TEST_F(CallerTest, AnswerComesOnTheThreadOfHttp) {
  ASSERT_FALSE(call({}));
  rpc_.done({.code = 0, .message = "", .bytes = "answer"});
  EXPECT_FALSE(answer_);
  io_.run();
  ASSERT_TRUE(answer_);
  EXPECT_EQ(answer_->bytes, "answer");
}

TEST_F(CallerTest, TimeoutIsInSeconds) {
  ASSERT_FALSE(call({{"futured-timeout", "2.5"}}));
  EXPECT_EQ(rpc_.request->timeout, 2500ms);
}

TEST_F(CallerTest, BadTimeoutsAreRefused) {
  for (const char* text : {"", "0", "-1", "+1", "1s", " 1", "1e3", "inf", "nan", "3601", "0x10"}) {
    const auto refused = call({{"futured-timeout", text}});
    ASSERT_TRUE(refused) << text;
    EXPECT_EQ(refused->status, 400U);
    EXPECT_THAT(refused->body, HasSubstr("futured-timeout"));
  }
  EXPECT_FALSE(rpc_.request);
}

TEST_F(CallerTest, WhatMetadataCannotCarryIsRefused) {
  for (const char* text : {"Bearer \n", "\x7f", "\x01", "caf\xc3\xa9"}) {
    const auto refused = call({{"authorization", text}});
    ASSERT_TRUE(refused) << text;
    EXPECT_THAT(refused->body, HasSubstr("printable ASCII"));
  }
  EXPECT_FALSE(rpc_.request);
}

TEST_F(CallerTest, ClientThatGoesCancelsItsCall) {
  ASSERT_FALSE(call({}));
  EXPECT_FALSE(rpc_.call->cancelled);
  client_->close();
  EXPECT_TRUE(rpc_.call->cancelled);
}

TEST_F(CallerTest, WhoMayListExecutorsMayRead) {
  bool admitted = false;
  caller_.admit_reader({}, client_, [&](const std::shared_ptr<Client>& reader) { admitted = reader == client_; });
  EXPECT_EQ(rpc_.request->method, "/futured.v1.ExecutorService/List");
  rpc_.done({});
  io_.run();
  EXPECT_TRUE(admitted);
  EXPECT_FALSE(client_->answer);
}

TEST_F(CallerTest, WhoMayNotReadIsToldWhy) {
  caller_.admit_reader({}, client_, [](const std::shared_ptr<Client>&) { FAIL() << "was admitted"; });
  rpc_.done({.code = 7, .message = "not you"});
  io_.run();
  ASSERT_TRUE(client_->answer);
  EXPECT_EQ(client_->answer->status, 403U);
  EXPECT_THAT(client_->answer->body, HasSubstr("not you"));
}

}  // namespace
}  // namespace futured::http
