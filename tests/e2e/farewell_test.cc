// Clients that have nothing to say when the daemon ends: they are told, and nobody waits for them.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <memory>
#include <string>

#include "futured/v1/future_service.grpc.pb.h"
#include "tests/support/daemon_process.h"

namespace futured {
namespace {

using testing::DaemonProcess;
using ::testing::HasSubstr;
using testing::kPatience;
using ::testing::Not;

// A daemon that would wait far longer than our patience for clients that have something to read.
class FarewellTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NE(daemon_.address(), "");
    stub_ = v1::FutureService::NewStub(grpc::CreateChannel(daemon_.address(), grpc::InsecureChannelCredentials()));
    context_.set_deadline(std::chrono::system_clock::now() + kPatience);
  }
  void expect_prompt_end() {
    daemon_.send(SIGTERM);
    EXPECT_EQ(daemon_.exit_code(), 0);
    EXPECT_THAT(daemon_.output(), Not(HasSubstr("broken off")));
  }
  static void expect_told(const grpc::Status& status) {
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
    EXPECT_EQ(status.error_message(), "the daemon is shutting down");
  }

  DaemonProcess daemon_{{"--exit-margin=1000s"}};
  std::unique_ptr<v1::FutureService::Stub> stub_;
  grpc::ClientContext context_;
};

TEST_F(FarewellTest, SessionThatIsIdleIsTold) {
  const auto stream = stub_->Session(&context_);
  v1::SessionRequest request;
  request.mutable_hello()->set_session("01234567-89ab-8cde-8f01-000000000000");
  ASSERT_TRUE(stream->Write(request));
  v1::SessionResponse response;
  ASSERT_TRUE(stream->Read(&response));
  expect_prompt_end();
  EXPECT_FALSE(stream->Read(&response));
  expect_told(stream->Finish());
}

TEST_F(FarewellTest, SessionThatHasNotGreetedIsTold) {
  const auto stream = stub_->Session(&context_);
  // Once another call of the same connection was answered, the daemon has seen the stream.
  grpc::ClientContext context;
  v1::ListResponse response;
  ASSERT_TRUE(stub_->List(&context, {}, &response).ok());
  expect_prompt_end();
  expect_told(stream->Finish());
}

TEST_F(FarewellTest, ConnectionThatNeverSpokeIsClosed) {
  const std::string address = daemon_.address();
  sockaddr_in peer{};
  peer.sin_family = AF_INET;
  peer.sin_port = htons(static_cast<std::uint16_t>(std::stoul(address.substr(address.find(':') + 1))));
  peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(connect(connection, reinterpret_cast<const sockaddr*>(&peer), sizeof(peer)), 0);
  expect_prompt_end();
  close(connection);
}

}  // namespace
}  // namespace futured
