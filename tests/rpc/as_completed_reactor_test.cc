#include "server/rpc/as_completed_reactor.h"

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

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kPatience;
using testing::RpcServer;
using ::testing::SizeIs;

using namespace std::chrono_literals;
using Ids = std::vector<std::string>;

// One stream, read on the test's thread.
class Stream {
 public:
  Stream(RpcServer& server, const Ids& ids, int timeout_s = -1,
         std::chrono::system_clock::duration deadline = kPatience) {
    v1::AsCompletedRequest request;
    *request.mutable_ids() = {ids.begin(), ids.end()};
    if (timeout_s >= 0) request.mutable_timeout()->set_seconds(timeout_s);
    context_.set_deadline(std::chrono::system_clock::now() + deadline);
    reader_ = server.stub().AsCompleted(&context_, request);
  }

  // Reads one message.
  bool read() {
    last = {};
    if (!reader_->Read(&last)) return false;
    ++messages;
    for (const auto& completed : last.completed()) order.push_back(completed.id());
    return true;
  }
  // Reads until so many futures have come.
  void read_until(std::size_t futures) {
    while (order.size() < futures) ASSERT_TRUE(read());
  }
  // Reads the rest.
  grpc::Status finish() {
    v1::AsCompletedResponse newest;
    while (read()) newest = last;
    last = newest;
    return reader_->Finish();
  }
  void cancel() { context_.TryCancel(); }

  Ids order;
  v1::AsCompletedResponse last;
  int messages = 0;

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::AsCompletedResponse>> reader_;
};

// semantics 180, 181, 186, 187
TEST(AsCompletedReactorTest, FinishedFuturesComeFirstThenTheOthersInOrderOfCompletion) {
  RpcServer server;
  const auto ids = server.submit(4);
  server.succeed(ids[2], 2);
  Stream stream(server, ids);
  stream.read_until(1);
  server.fail(ids[3], "jam");
  server.succeed(ids[0]);
  server.finish(ids[1], core::Outcome::cancelled());
  const auto status = stream.finish();
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_THAT(stream.order, ElementsAre(ids[2], ids[3], ids[0], ids[1]));
  EXPECT_EQ(stream.last.unfinished(), 0u);
  EXPECT_TRUE(server.idle());
}

TEST(AsCompletedReactorTest, OutcomesAreInline) {
  RpcServer server;
  const auto ids = server.submit(3);
  server.succeed(ids[0], 42);
  server.fail(ids[1], "jam");
  server.finish(ids[2], core::Outcome::cancelled());
  Stream stream(server, ids);
  ASSERT_TRUE(stream.read());
  ASSERT_THAT(stream.last.completed(), SizeIs(3));
  EXPECT_EQ(stream.last.completed(0).outcome().value().int_value(), 42);
  EXPECT_EQ(stream.last.completed(1).state(), v1::FUTURE_STATE_FAILED);
  EXPECT_EQ(stream.last.completed(1).outcome().error().message(), "jam");
  EXPECT_TRUE(stream.last.completed(2).outcome().has_cancelled());
  EXPECT_TRUE(stream.finish().ok());
}

// semantics 180
TEST(AsCompletedReactorTest, DuplicatesComeOnce) {
  RpcServer server;
  const auto id = server.submit(1).front();
  Stream stream(server, {id, id, id});
  ASSERT_TRUE(server.waiting(1));
  server.succeed(id);
  EXPECT_TRUE(stream.finish().ok());
  EXPECT_THAT(stream.order, ElementsAre(id));
}

// semantics 183
TEST(AsCompletedReactorTest, WhenTheTimeIsUpTheLastMessageCountsTheUnfinished) {
  RpcServer server;
  const auto ids = server.submit(3);
  Stream stream(server, ids, 5);
  ASSERT_TRUE(server.waiting(1));
  server.succeed(ids[1]);
  stream.read_until(1);
  server.time().advance(5s);
  EXPECT_TRUE(stream.finish().ok());
  EXPECT_THAT(stream.order, ElementsAre(ids[1]));
  EXPECT_EQ(stream.last.unfinished(), 2u);
  EXPECT_TRUE(server.idle());
}

// semantics 184
TEST(AsCompletedReactorTest, ATimeoutOfZeroTellsWhatHasFinished) {
  RpcServer server;
  const auto ids = server.submit(2);
  server.succeed(ids[0]);
  Stream stream(server, ids, 0);
  EXPECT_TRUE(stream.finish().ok());
  EXPECT_THAT(stream.order, ElementsAre(ids[0]));
  EXPECT_EQ(stream.last.unfinished(), 1u);
}

TEST(AsCompletedReactorTest, ManyFinishedOnesTravelInFewMessages) {
  RpcServer server;
  const auto ids = server.submit(2000);
  for (const auto& id : ids) server.succeed(id);
  Stream stream(server, ids);
  EXPECT_TRUE(stream.finish().ok());
  EXPECT_THAT(stream.order, ElementsAreArray(ids));
  EXPECT_EQ(stream.messages, 4);
}

TEST(AsCompletedReactorTest, LargeValuesTravelInSeveralMessages) {
  RpcServer server;
  const auto ids = server.submit(5);
  v1::Value value;
  value.set_bytes_value(std::string(600'000, 'x'));
  for (const auto& id : ids) server.finish(id, core::Outcome::succeeded(core::Bytes(value.SerializeAsString())));
  Stream stream(server, ids);
  EXPECT_TRUE(stream.finish().ok());
  EXPECT_THAT(stream.order, ElementsAreArray(ids));
  EXPECT_EQ(stream.messages, 5);
}

// semantics 190
TEST(AsCompletedReactorTest, AReaderThatPausesHoldsUpNobodyAndGetsEverything) {
  RpcServer server;
  const auto ids = server.submit(200);
  Stream slow(server, ids);
  ASSERT_TRUE(server.waiting(1));
  v1::Value value;
  value.set_bytes_value(std::string(100'000, 'x'));
  for (const auto& id : ids) server.finish(id, core::Outcome::succeeded(core::Bytes(value.SerializeAsString())));
  Stream fast(server, ids);
  EXPECT_TRUE(fast.finish().ok());
  EXPECT_THAT(fast.order, SizeIs(200));
  EXPECT_TRUE(slow.finish().ok());
  EXPECT_THAT(slow.order, ElementsAreArray(ids));
  EXPECT_TRUE(server.idle());
}

TEST(AsCompletedReactorTest, AFutureForgottenInMidStreamEndsItAndIsNamed) {
  RpcServer server;
  const auto ids = server.submit(300);
  v1::Value value;
  value.set_bytes_value(std::string(100'000, 'x'));
  Stream stream(server, ids);
  ASSERT_TRUE(server.waiting(1));
  for (const auto& id : ids) server.finish(id, core::Outcome::succeeded(core::Bytes(value.SerializeAsString())));
  // Far more than fits on the way to a reader that has not read yet.
  const auto last = *core::parse_future_id(ids.back());
  ASSERT_EQ(server.table().forget(core::kDaemonAccount, {&last, 1}).front(),
            core::FutureTable::ForgetEffect::kForgotten);
  const auto status = stream.finish();
  EXPECT_EQ(testing::reason_of(status), "FUTURE_EXPIRED");
  EXPECT_THAT(status.error_message(), HasSubstr(ids.back()));
  EXPECT_THAT(status.error_message(), HasSubstr("expired"));
  EXPECT_THAT(stream.order, ElementsAreArray(ids.begin(), ids.end() - 1));
  EXPECT_TRUE(server.idle());
}

// semantics 189
TEST(AsCompletedReactorTest, ACallerThatGivesUpLeavesNothingBehind) {
  RpcServer server;
  const auto ids = server.submit(3);
  Stream stream(server, ids, 1000);
  ASSERT_TRUE(server.waiting(1));
  stream.cancel();
  EXPECT_EQ(stream.finish().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_TRUE(server.idle());
  server.succeed(ids[0]);
}

TEST(AsCompletedReactorTest, ACallerThatGivesUpWithAMessageOnItsWayLeavesNothingBehind) {
  RpcServer server;
  const auto ids = server.submit(100);
  v1::Value value;
  value.set_bytes_value(std::string(1'000'000, 'x'));
  for (const auto& id : ids) server.finish(id, core::Outcome::succeeded(core::Bytes(value.SerializeAsString())));
  Stream stream(server, ids);
  stream.read_until(1);
  stream.cancel();
  EXPECT_FALSE(stream.finish().ok());
  EXPECT_TRUE(server.idle());
}

TEST(AsCompletedReactorTest, ADeadlineThatPassesLeavesNothingBehind) {
  RpcServer server;
  Stream stream(server, server.submit(3), -1, 50ms);
  EXPECT_EQ(stream.finish().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_TRUE(server.idle());
}

TEST(AsCompletedReactorTest, ADaemonThatGoesEndsStreamsWithTheReason) {
  RpcServer server;
  const auto ids = server.submit(1);
  Stream stream(server, ids);
  ASSERT_TRUE(server.waiting(1));
  server.service().end_waits({core::Reason::kDaemonStopping, "the daemon goes", {}});
  const auto status = stream.finish();
  EXPECT_EQ(testing::reason_of(status), "DAEMON_STOPPING");
  EXPECT_EQ(status.error_message(), "the daemon goes");
  EXPECT_THAT(stream.order, IsEmpty());
  EXPECT_EQ(testing::reason_of(Stream(server, ids).finish()), "DAEMON_STOPPING");
  EXPECT_TRUE(server.idle());
}

}  // namespace
}  // namespace futured
