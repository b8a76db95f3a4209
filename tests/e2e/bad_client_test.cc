// The real daemon and clients that call wrongly, or are killed.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string>

#include "futured/v1/executor_service.grpc.pb.h"
#include "futured/v1/future_service.grpc.pb.h"
#include "tests/support/daemon_process.h"

namespace futured {
namespace {

using ::testing::AllOf;
using testing::DaemonProcess;
using testing::eventually;
using ::testing::HasSubstr;
using testing::kPatience;

class BadClientTest : public ::testing::Test {
 protected:
  // Submits one task, and waits for it.
  v1::SubmittedFuture run(const v1::Task& task) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kPatience);
    v1::SubmitRequest request;
    *request.add_tasks() = task;
    request.mutable_wait()->set_seconds(kPatience.count());
    v1::SubmitResponse response;
    const auto status = futures_->Submit(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.futures_size() == 1 ? response.futures(0) : v1::SubmittedFuture();
  }
  std::uint64_t failed() {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kPatience);
    v1::ExecutorServiceListResponse response;
    EXPECT_TRUE(executors_->List(&context, {}, &response).ok());
    return response.executors(0).failed();
  }
  std::ptrdiff_t descriptors() {
    const auto directory = "/proc/" + std::to_string(daemon_.pid()) + "/fd";
    return std::distance(std::filesystem::directory_iterator(directory), {});
  }

  DaemonProcess daemon_{{"--plugins=" GATE_PLUGIN}};
  std::shared_ptr<grpc::Channel> channel_ = grpc::CreateChannel(daemon_.address(), grpc::InsecureChannelCredentials());
  std::unique_ptr<v1::FutureService::Stub> futures_ = v1::FutureService::NewStub(channel_);
  std::unique_ptr<v1::ExecutorService::Stub> executors_ = v1::ExecutorService::NewStub(channel_);
};

// semantics 4
TEST_F(BadClientTest, UnknownFunctionIsAFutureThatFailed) {
  v1::Task task;
  task.set_function("no.such");
  const auto future = run(task);
  EXPECT_EQ(future.state(), v1::FUTURE_STATE_FAILED);
  EXPECT_EQ(future.outcome().error().origin(), v1::ERROR_ORIGIN_CALL);
  EXPECT_THAT(future.outcome().error().message(), HasSubstr("no.such"));
}

TEST_F(BadClientTest, WrongArgumentIsAFutureThatFailed) {
  v1::Task task;
  task.set_function("gate.wait");
  task.mutable_arguments()->add_positional()->set_int_value(7);
  const auto future = run(task);
  EXPECT_EQ(future.state(), v1::FUTURE_STATE_FAILED);
  EXPECT_EQ(future.outcome().error().origin(), v1::ERROR_ORIGIN_CALL);
  EXPECT_THAT(future.outcome().error().message(), AllOf(HasSubstr("gate.wait"), HasSubstr("1")));
}

TEST_F(BadClientTest, KilledInMidStreamLeavesNoConnection) {
  const auto before = failed();
  const auto base = descriptors();
  std::string program = STREAMING_CLIENT;
  std::string address = daemon_.address();
  char* const arguments[] = {program.data(), address.data(), nullptr};
  pid_t client = 0;
  ASSERT_EQ(posix_spawn(&client, program.c_str(), nullptr, nullptr, arguments, environ), 0);
  EXPECT_TRUE(eventually([&] { return failed() > before + 10'000; })) << "there is no such function here";
  EXPECT_GT(descriptors(), base);
  kill(client, SIGKILL);
  int status = 0;
  EXPECT_EQ(waitpid(client, &status, 0), client);
  EXPECT_TRUE(WIFSIGNALED(status)) << "it was in mid-stream";
  EXPECT_TRUE(eventually([&] { return descriptors() == base; }));
  EXPECT_GT(failed(), before);
  daemon_.send(SIGTERM);
  EXPECT_EQ(daemon_.exit_code(), 0);
}

}  // namespace
}  // namespace futured
