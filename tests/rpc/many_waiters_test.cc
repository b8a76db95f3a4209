// Ten thousand calls that wait for one future: no thread of their own, little memory, all released together.
#include <gtest/gtest.h>

#include <cstddef>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/rpc_server.h"

namespace futured {
namespace {

using testing::Async;
using testing::eventually;
using testing::PendingCall;
using testing::RpcServer;
using testing::start_call;

constexpr std::size_t kWaiters = 10'000;
// As many as the daemon allows on one.
constexpr std::size_t kStreamsPerConnection = 1'000;

class ManyWaitersTest : public ::testing::Test {
 protected:
  using Stub = v1::FutureService::Stub;
  using Call = std::unique_ptr<PendingCall<v1::ResultResponse>>;

  // Has all of them wait for `id`.
  void wait_for(const std::string& id) {
    v1::ResultRequest request;
    request.set_id(id);
    request.mutable_timeout()->set_seconds(1000);
    for (std::size_t i = 0; i < kWaiters; ++i) {
      if (i % kStreamsPerConnection == 0) stubs_.push_back(v1::FutureService::NewStub(server_.channel()));
      calls_.push_back(start_call(*stubs_.back(), &Async::Result, request));
    }
    ASSERT_TRUE(server_.waiting(kWaiters));
  }
  static std::size_t threads() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("Threads:")) return std::stoul(line.substr(8));
    }
    return 0;
  }

  RpcServer server_;
  std::vector<std::unique_ptr<Stub>> stubs_;
  std::vector<Call> calls_;
};

TEST_F(ManyWaitersTest, AreAllReleasedByOneOutcome) {
  const auto id = server_.submit(1).front();
  wait_for(id);
  EXPECT_LT(threads(), 100u);
  EXPECT_EQ(server_.service().live_reactors(), kWaiters);
  server_.succeed(id, 42);
  for (const Call& call : calls_) {
    const auto status = call->wait();
    ASSERT_TRUE(status.ok()) << status.error_message();
    ASSERT_EQ(call->response().outcome().value().int_value(), 42);
  }
  EXPECT_TRUE(server_.idle());
}

TEST_F(ManyWaitersTest, ThatGiveUpLeaveNothingBehind) {
  const auto id = server_.submit(1).front();
  const auto timers = server_.time().scheduled();
  wait_for(id);
  EXPECT_TRUE(eventually([&] { return server_.time().scheduled() == timers + kWaiters; }));
  for (const Call& call : calls_) call->cancel();
  for (const Call& call : calls_) EXPECT_EQ(call->wait().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_TRUE(server_.idle());
  EXPECT_EQ(server_.time().scheduled(), timers);
  server_.succeed(id);
}

TEST_F(ManyWaitersTest, AreAllEndedByADaemonThatGoes) {
  wait_for(server_.submit(1).front());
  server_.service().end_waits({core::Reason::kDaemonStopping, "the daemon goes", {}});
  for (const Call& call : calls_) EXPECT_EQ(call->wait().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(server_.idle());
}

}  // namespace
}  // namespace futured
