#include "server/rpc/daemon_service.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/details.h"
#include "tests/support/rpc_server.h"

namespace futured {
namespace {

using testing::kPatience;
using testing::RpcServer;

class DaemonServiceTest : public ::testing::Test {
 protected:
  using Stub = v1::DaemonService::Stub;

  template <class Request, class Response>
  grpc::Status call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                    const Request& request, Response& response) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kPatience);
    return ((*stub_).*method)(&context, request, &response);
  }
  v1::Daemon get() {
    v1::DaemonServiceGetResponse response;
    EXPECT_TRUE(call(&Stub::Get, {}, response).ok());
    return response.daemon();
  }
  v1::Daemon drain(bool exit = false) {
    v1::DaemonServiceDrainRequest request;
    request.set_exit(exit);
    v1::DaemonServiceDrainResponse response;
    EXPECT_TRUE(call(&Stub::Drain, request, response).ok());
    return response.daemon();
  }
  grpc::Status submit() {
    v1::SubmitRequest request;
    request.add_tasks()->set_function("task");
    return testing::start_call(server_.stub(), &testing::Async::Submit, request)->wait();
  }

  RpcServer server_;
  std::unique_ptr<Stub> stub_ = v1::DaemonService::NewStub(server_.channel());
};

TEST_F(DaemonServiceTest, GetShowsWhatItIsAndHowBusy) {
  server_.submit(3);
  const auto daemon = get();
  EXPECT_EQ(daemon.state(), v1::DAEMON_STATE_SERVING);
  EXPECT_EQ(daemon.version(), "1.2.3");
  EXPECT_EQ(daemon.epoch(), "epoch");
  EXPECT_EQ(daemon.running() + daemon.pending(), 3u);
  EXPECT_FALSE(daemon.keeps_futures());
  EXPECT_FALSE(daemon.drained());
}

TEST_F(DaemonServiceTest, IdleDaemonThatServesIsNotDrained) { EXPECT_FALSE(get().drained()); }

TEST_F(DaemonServiceTest, DrainRefusesNewTasksUntilResume) {
  EXPECT_EQ(drain().state(), v1::DAEMON_STATE_DRAINING);
  EXPECT_EQ(drain().state(), v1::DAEMON_STATE_DRAINING) << "and may be repeated";
  const auto refused = submit();
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(testing::reason_of(refused), "DAEMON_DRAINING");
  v1::DaemonServiceResumeResponse response;
  ASSERT_TRUE(call(&Stub::Resume, {}, response).ok());
  EXPECT_EQ(response.daemon().state(), v1::DAEMON_STATE_SERVING);
  EXPECT_TRUE(submit().ok());
  EXPECT_EQ(server_.exits_asked(), 0);
}

TEST_F(DaemonServiceTest, ItIsDrainedOnceNothingIsLeftThatWouldBeLost) {
  const auto id = server_.submit(1).front();
  EXPECT_FALSE(drain().drained());
  server_.succeed(id);
  EXPECT_TRUE(testing::eventually([&] { return get().drained(); }));
}

TEST_F(DaemonServiceTest, ExitIsForGood) {
  EXPECT_EQ(drain(true).state(), v1::DAEMON_STATE_ENDING);
  EXPECT_EQ(drain(true).state(), v1::DAEMON_STATE_ENDING) << "and may be repeated";
  EXPECT_TRUE(testing::eventually([&] { return server_.exits_asked() == 2; }));
  EXPECT_EQ(drain().state(), v1::DAEMON_STATE_ENDING) << "which no other drain undoes";
  v1::DaemonServiceResumeResponse response;
  const auto status = call(&Stub::Resume, {}, response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(testing::reason_of(status), "DAEMON_STOPPING");
}

}  // namespace
}  // namespace futured
