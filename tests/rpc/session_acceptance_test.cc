// When a session says that it has accepted submits.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/support/rpc_server.h"

namespace futured {
namespace {

using testing::RpcServer;

class SessionAcceptanceTest : public ::testing::Test {
 public:
  ~SessionAcceptanceTest() override { context_.TryCancel(); }

 protected:
  SessionAcceptanceTest() {
    // Nothing happens to a task but what a test does.
    server_.table().set_executor_state(0, core::ExecutorState::kPaused);
    context_.set_deadline(std::chrono::system_clock::now() + testing::kPatience);
    stream_ = server_.stub().Session(&context_);
    v1::SessionRequest request;
    request.mutable_hello()->set_session(core::to_string(core::make_future_id(session_, 0)));
    stream_->Write(request);
    EXPECT_TRUE(read().has_welcome());
  }

  void submit(std::uint64_t counter) {
    v1::SessionRequest request;
    auto& submit = *request.add_submits();
    submit.set_first(counter);
    submit.set_function("task");
    submit.add_arguments("");
    EXPECT_TRUE(stream_->Write(request));
  }
  // Submits one, and waits until its acceptance waits.
  void submit_and_hear_nothing() {
    submit(1);
    EXPECT_TRUE(testing::eventually([&] { return server_.time().scheduled() > 0; }));
  }
  v1::SessionResponse read() {
    v1::SessionResponse response;
    EXPECT_TRUE(stream_->Read(&response));
    return response;
  }

  RpcServer server_;
  const core::SessionId session_ = core::random_session_id();
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::SessionRequest, v1::SessionResponse>> stream_;
};

TEST_F(SessionAcceptanceTest, GoesInOneMessageWithWhatHappensNext) {
  submit_and_hear_nothing();
  server_.table().set_executor_state(0, core::ExecutorState::kActive);
  const v1::SessionResponse response = read();
  EXPECT_EQ(response.accepted(), 2u);
  EXPECT_EQ(response.events_size(), 1);
}

TEST_F(SessionAcceptanceTest, DoesNotWaitForLong) {
  submit_and_hear_nothing();
  server_.time().advance(std::chrono::milliseconds(5));
  const v1::SessionResponse response = read();
  EXPECT_EQ(response.accepted(), 2u);
  EXPECT_EQ(response.events_size(), 0);
}

TEST_F(SessionAcceptanceTest, DoesNotWaitWhenThereIsASecondMessage) {
  submit_and_hear_nothing();
  submit(2);
  EXPECT_EQ(read().accepted(), 3u);
}

TEST_F(SessionAcceptanceTest, DoesNotWaitWhenTheClientHasSaidAll) {
  submit_and_hear_nothing();
  EXPECT_TRUE(stream_->WritesDone());
  EXPECT_EQ(read().accepted(), 2u);
  EXPECT_TRUE(stream_->Finish().ok());
}

}  // namespace
}  // namespace futured
