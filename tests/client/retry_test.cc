// Which calls are made again, and when.
#include "client/cpp/src/retry.h"

#include <google/protobuf/util/time_util.h>
#include <grpcpp/support/status.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "futured/v1/errors.pb.h"

namespace futured::detail {
namespace {

using namespace std::chrono_literals;
using Code = grpc::StatusCode;

void add(v1::ErrorStatus& status, const std::string& type, const google::protobuf::Message& detail) {
  auto& any = *status.add_details();
  any.set_type_url("type.googleapis.com/google.rpc." + type);
  any.set_value(detail.SerializeAsString());
}

grpc::Status refusal(const std::string& reason, std::chrono::milliseconds delay = 0ms) {
  v1::ErrorInfo info;
  info.set_reason(reason);
  v1::RetryInfo retry;
  *retry.mutable_retry_delay() = google::protobuf::util::TimeUtil::MillisecondsToDuration(delay.count());
  v1::ErrorStatus status;
  add(status, "ErrorInfo", info);
  add(status, "RetryInfo", retry);
  return {Code::UNAVAILABLE, "no", status.SerializeAsString()};
}

TEST(RetryTest, DaemonThatIsNotThereIsLookedForAgain) {
  Retry retry(1h);
  EXPECT_TRUE(retry.after({Code::UNAVAILABLE, "connection refused"}));
  EXPECT_TRUE(retry.after({Code::CANCELLED, "in its last moment"}));
}

TEST(RetryTest, DaemonThatGoesAwayIsGivenTheTimeItAsksFor) {
  Retry retry(1h);
  for (const char* reason : {"DAEMON_DRAINING", "DAEMON_STOPPING"}) {
    const auto delay = retry.after(refusal(reason, 10s));
    ASSERT_TRUE(delay);
    EXPECT_GE(*delay, 10s);
    EXPECT_LE(*delay, 15s);
  }
}

TEST(RetryTest, OtherRefusalsAreFinal) {
  Retry retry(1h);
  EXPECT_FALSE(retry.after(refusal("EXECUTOR_DRAINING", 1s)));
  EXPECT_FALSE(retry.after({Code::NOT_FOUND, "no such future"}));
  EXPECT_FALSE(retry.after({Code::DEADLINE_EXCEEDED, "no answer"}));
  EXPECT_FALSE(retry.after({Code::UNAUTHENTICATED, "who is there"}));
}

TEST(RetryTest, PausesGrowUpToASecond) {
  Retry retry(1h);
  EXPECT_LE(*retry.after({Code::UNAVAILABLE, ""}), 50ms);
  for (int i = 0; i < 20; ++i) EXPECT_LE(*retry.after({Code::UNAVAILABLE, ""}), 1s);
  EXPECT_GE(*retry.after({Code::UNAVAILABLE, ""}), 500ms);
  retry.heard();
  EXPECT_LE(*retry.after({Code::UNAVAILABLE, ""}), 50ms) << "and begin anew";
}

TEST(RetryTest, ItEndsWithItsLimit) {
  EXPECT_FALSE(Retry(0s).after({Code::UNAVAILABLE, ""}));
  Retry hurried(1ms);
  EXPECT_LE(*hurried.after(refusal("DAEMON_DRAINING", 1h)), 1ms) << "the last try is at the limit";
}

TEST(RetryTest, WhoHasAnsweredIsGivenLonger) {
  const Retry::Limits limits{0s, 1h};
  EXPECT_FALSE(Retry(limits).after({Code::UNAVAILABLE, ""}));
  EXPECT_TRUE(Retry(limits).after(refusal("DAEMON_DRAINING")));
  Retry retry(limits);
  retry.heard();
  EXPECT_TRUE(retry.after({Code::UNAVAILABLE, ""}));
}

TEST(RetryTest, RunMakesACallUntilItSucceeds) {
  int calls = 0;
  const auto status =
      Retry(1h).run([&] { return ++calls < 3 ? grpc::Status(Code::UNAVAILABLE, "") : grpc::Status::OK; });
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(calls, 3);
}

TEST(RetryTest, RunTellsHowTheLastCallEnded) {
  EXPECT_EQ(Retry(1h).run([] { return grpc::Status(Code::NOT_FOUND, ""); }).error_code(), Code::NOT_FOUND);
  EXPECT_EQ(Retry(1ms).run([] { return grpc::Status(Code::UNAVAILABLE, ""); }).error_code(), Code::UNAVAILABLE);
}

}  // namespace
}  // namespace futured::detail
