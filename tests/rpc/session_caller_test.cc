// Session streams of several callers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <vector>

#include "tests/support/eventually.h"
#include "tests/support/session_server.h"
#include "tests/support/session_stream.h"

namespace futured {
namespace {

using ::testing::HasSubstr;
using testing::kPatience;
using testing::SessionServer;
using Stream = testing::SessionStream;

constexpr char kOther[] = "0192e4a0-2222-8222-9333-000000000000";
constexpr char kUnknown[] = "0192e4a0-3333-8222-9333-000000000001";

struct Functions {
  Functions() {
    registry.add(Task<std::uint64_t(std::uint64_t)>("increment"), [](std::uint64_t n) { return n + 1; });
    registry.add(Task<void()>("blocked"), [this] { opened.wait_for(kPatience); });
  }
  Registry registry;
  std::promise<void> open;
  std::shared_future<void> opened = open.get_future().share();
};

class SessionCallerTest : public ::testing::Test {
 public:
  ~SessionCallerTest() override { functions_.open.set_value(); }

 protected:
  SessionCallerTest() {
    know("ann", "red", {});
    know("cid", "blue", {});
  }

  void know(const std::string& name, const std::string& name_space, const core::AccountLimits& limits) {
    server_.gate().know(name, server_.table().add_account({name, name_space, limits}));
  }
  // What a stream tells of an ID that it attaches to, with the ID left out.
  static std::string told(Stream& stream, const std::string& id) {
    static std::uint64_t counter = 1000;
    ++counter;
    v1::SessionRequest request;
    request.add_attaches()->set_id(id);
    request.mutable_attaches(0)->set_counter(counter);
    stream.latest.clear();
    stream.write(request);
    EXPECT_TRUE(stream.read_until([&] { return stream.latest.contains(counter); }));
    std::string text = stream.latest[counter].payload;
    if (const auto at = text.find(id); at != std::string::npos) text.replace(at, id.size(), "<ID>");
    return std::to_string(stream.latest[counter].kind) + " " + text;
  }

  Functions functions_;
  SessionServer server_{functions_.registry};
};

TEST_F(SessionCallerTest, SessionOfAnotherIsRefusedAndGoesOn) {
  Stream ann(server_, Stream::kSession, 0, "ann");
  ann.submit(1, "increment", {encode_arguments(std::uint64_t{1})});
  ASSERT_TRUE(ann.read_outcomes(1));
  Stream cid(server_, Stream::kSession, 0, "cid");
  const grpc::Status status = cid.finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_THAT(status.error_message(), HasSubstr("is not this caller's"));
  ann.submit(2, "increment", {encode_arguments(std::uint64_t{2})});
  EXPECT_TRUE(ann.read_outcomes(2));
  EXPECT_TRUE(ann.end().ok());
}

TEST_F(SessionCallerTest, StrangerIsSentAwayBeforeItsFirstMessage) {
  Stream stranger(server_, Stream::kSession, 0, "a stranger");
  EXPECT_EQ(stranger.finish().error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_TRUE(testing::eventually([&] { return server_.sessions().size() == 0; }));
}

TEST_F(SessionCallerTest, ForeignFutureIsAttachedToAsAnUnknownOne) {
  Stream ann(server_, Stream::kSession, 0, "ann");
  ann.submit(1, "increment", {encode_arguments(std::uint64_t{1})});
  ann.submit(2, "blocked", {""});
  ASSERT_TRUE(ann.read_outcomes(1));
  std::string first = Stream::kSession;
  first.back() = '1';
  std::string second = Stream::kSession;
  second.back() = '2';
  Stream cid(server_, kOther, 0, "cid");
  const std::string unknown = told(cid, kUnknown);
  EXPECT_EQ(told(cid, first), unknown);
  EXPECT_EQ(told(cid, second), unknown);
  EXPECT_THAT(unknown, HasSubstr("is unknown"));
}

TEST_F(SessionCallerTest, TasksAboveTheLimitOfAnAccountAreRefusedFromTheFirstOn) {
  know("ann", "red", {.max_pending = 4});
  Stream ann(server_, Stream::kSession, 0, "ann");
  ann.submit(1, "blocked", std::vector<std::string>(10));
  ASSERT_TRUE(ann.read_until([&] { return ann.refused() == 6; }));
  EXPECT_EQ(ann.refusals.front().first(), 5U);
  EXPECT_EQ(ann.refusals.front().code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_TRUE(ann.refusals.front().has_retry_delay());
  EXPECT_THAT(ann.refusals.front().message(), HasSubstr("(max_pending)"));
}

TEST_F(SessionCallerTest, TasksAboveTheRateOfAnAccountAreRefusedWithADelay) {
  know("ann", "red", {.max_submits_per_second = 1});
  Stream ann(server_, Stream::kSession, 0, "ann");
  // On credit, which lasts longer than this test.
  ann.submit(1, "increment", std::vector<std::string>(500, encode_arguments(std::uint64_t{1})));
  ASSERT_TRUE(ann.read_outcomes(500));
  ann.submit(501, "increment", std::vector<std::string>(3, encode_arguments(std::uint64_t{1})));
  ASSERT_TRUE(ann.read_until([&] { return ann.refused() > 0; }));
  EXPECT_EQ(ann.refused(), 3U);
  EXPECT_EQ(ann.refusals.front().first(), 501U);
  EXPECT_TRUE(ann.refusals.front().has_retry_delay());
}

TEST_F(SessionCallerTest, FunctionThatTheGateForbidsIsRefusedAndTheOthersAreNot) {
  server_.gate().forbid("blocked");
  Stream ann(server_, Stream::kSession, 0, "ann");
  ann.submit(1, "blocked", {""});
  ann.submit(2, "increment", {encode_arguments(std::uint64_t{2})});
  ASSERT_TRUE(ann.read_outcomes(1));
  ASSERT_EQ(ann.refused(), 1U);
  EXPECT_EQ(ann.refusals.front().first(), 1U);
  EXPECT_EQ(ann.refusals.front().code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_FALSE(ann.refusals.front().has_retry_delay());
  EXPECT_THAT(server_.gate().executors(), ::testing::ElementsAre("thread"));
}

TEST_F(SessionCallerTest, StreamsOfAnAccountAreLimitedUntilOneEnds) {
  know("ann", "red", {.max_streams = 1});
  Stream first(server_, Stream::kSession, 0, "ann");
  ASSERT_TRUE(first.read_until([&] { return first.welcome.max_workers() > 0; }));
  Stream second(server_, kOther, 0, "ann");
  EXPECT_EQ(second.finish().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_TRUE(first.end().ok());
  EXPECT_TRUE(testing::eventually([&] { return server_.sessions().size() == 0; }));
  Stream third(server_, kOther, 0, "ann");
  EXPECT_TRUE(third.end().ok());
}

}  // namespace
}  // namespace futured
