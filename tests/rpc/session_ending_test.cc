// How Session streams end: for what reason, and that the client is told.
#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/details.h"
#include "tests/support/eventually.h"
#include "tests/support/session_server.h"
#include "tests/support/session_stream.h"

namespace futured {
namespace {

using ::testing::HasSubstr;
using Stream = testing::SessionStream;
using testing::kPatience;
using testing::SessionServer;

// A Session stream whose messages are any bytes.
class RawStream {
 public:
  explicit RawStream(SessionServer& server) : stub_(server.channel()) {
    context_.set_deadline(std::chrono::system_clock::now() + kPatience);
    stream_ = stub_.PrepareCall(&context_, "/futured.v1.FutureService/Session", &queue_);
    stream_->StartCall(this);
    EXPECT_TRUE(next());
  }
  ~RawStream() {
    context_.TryCancel();
    queue_.Shutdown();
    void* tag;
    bool ok;
    while (queue_.Next(&tag, &ok)) continue;
  }

  // In `pieces`, as a large message arrives.
  void write(const std::vector<std::string>& pieces) {
    std::vector<grpc::Slice> slices(pieces.begin(), pieces.end());
    stream_->Write(grpc::ByteBuffer(slices.data(), slices.size()), this);
    EXPECT_TRUE(next());
  }
  // The daemon's next message; one without content at the end.
  v1::SessionResponse read() {
    grpc::ByteBuffer bytes;
    stream_->Read(&bytes, this);
    v1::SessionResponse response;
    grpc::Slice slice;
    if (next() && bytes.DumpToSingleSlice(&slice).ok()) {
      EXPECT_TRUE(response.ParseFromArray(slice.begin(), static_cast<int>(slice.size())));
    }
    return response;
  }
  grpc::Status finish() {
    grpc::Status status;
    stream_->Finish(&status, this);
    EXPECT_TRUE(next());
    return status;
  }

 private:
  bool next() {
    void* tag;
    bool ok = false;
    return queue_.Next(&tag, &ok) && ok;
  }

  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  grpc::GenericStub stub_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
};

std::string hello() {
  v1::SessionRequest request;
  request.mutable_hello()->set_session(Stream::kSession);
  return request.SerializeAsString();
}

void expect_no_message(const grpc::Status& status) {
  EXPECT_EQ(testing::reason_of(status), "REQUEST_MALFORMED");
  EXPECT_THAT(status.error_message(), HasSubstr("no futured.v1.SessionRequest"));
}

class SessionEndingTest : public ::testing::Test {
 protected:
  Registry registry_;
};

TEST_F(SessionEndingTest, MalformedFirstMessageIsNoHalfClose) {
  SessionServer server(registry_);
  RawStream stream(server);
  stream.write({"\xff\xff\xff\xff no message"});
  expect_no_message(stream.finish());
}

TEST_F(SessionEndingTest, MalformedLaterMessageIsNoHalfClose) {
  SessionServer server(registry_);
  RawStream stream(server);
  stream.write({hello()});
  EXPECT_TRUE(stream.read().has_welcome());
  stream.write({hello().substr(0, 10)});
  expect_no_message(stream.finish());
  EXPECT_EQ(server.table().stats().unfinished, 0U);
}

TEST_F(SessionEndingTest, MessageInPiecesIsOneMessage) {
  SessionServer server(registry_);
  RawStream stream(server);
  const std::string bytes = hello();
  stream.write({bytes.substr(0, 1), bytes.substr(1, 7), bytes.substr(8)});
  EXPECT_TRUE(stream.read().has_welcome());
}

TEST_F(SessionEndingTest, OversizedMessageIsRefusedWithBothSizes) {
  SessionServer server(registry_);
  RawStream stream(server);
  stream.write({hello()});
  EXPECT_TRUE(stream.read().has_welcome());
  stream.write({std::string(9 << 20, 'x')});
  const auto status = stream.finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(status.error_message(), HasSubstr("9437184 vs. 8388608"));
}

TEST_F(SessionEndingTest, RefusalThatPassesSaysWhenToTryAgain) {
  SessionServer server(registry_, {.max_subscribers = 0, .retry_delay = std::chrono::milliseconds(250)});
  Stream stream(server);
  EXPECT_EQ(testing::reason_of(stream.finish()), "TOO_MANY_WAITERS");
  EXPECT_EQ(stream.trailer("retry-after-ms"), "250");
}

TEST_F(SessionEndingTest, EndOfTheDaemonSaysWhenToTryAgain) {
  SessionServer server(registry_);
  Stream stream(server);
  ASSERT_TRUE(stream.read_until([&] { return !stream.welcome.executor().empty(); }));
  server.sessions().end_all({core::Reason::kDaemonStopping, "the daemon goes", std::chrono::milliseconds(1000)});
  EXPECT_EQ(testing::reason_of(stream.finish()), "DAEMON_STOPPING");
  EXPECT_EQ(stream.trailer("retry-after-ms"), "1000");
}

}  // namespace
}  // namespace futured
