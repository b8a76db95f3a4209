// What the SDK reads of a refusal, and when it comes back after one.
#include <grpcpp/support/status.h>
#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <set>
#include <string>

#include "client/cpp/src/refusal.h"
#include "futured/errors.h"
#include "futured/v1/errors.pb.h"

namespace futured::detail {
namespace {

using namespace std::chrono_literals;

void add(v1::ErrorStatus& status, const std::string& type, const google::protobuf::Message& detail) {
  auto& any = *status.add_details();
  any.set_type_url("type.googleapis.com/google.rpc." + type);
  any.set_value(detail.SerializeAsString());
}

Refusal refusal_in(const std::string& details) {
  return refusal_of(grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "full", details));
}

TEST(RefusalDetailsTest, ReasonDelayAndFieldAreRead) {
  v1::ErrorStatus status;
  v1::ErrorInfo info;
  info.set_reason("DISK_FULL");
  add(status, "ErrorInfo", info);
  v1::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(1);
  retry.mutable_retry_delay()->set_nanos(500'000'000);
  add(status, "RetryInfo", retry);
  v1::BadRequest bad;
  bad.add_field_violations()->set_field("tasks[3].function");
  add(status, "BadRequest", bad);
  const Refusal refusal = refusal_in(status.SerializeAsString());
  EXPECT_EQ(refusal.reason, "DISK_FULL");
  EXPECT_EQ(refusal.retry_delay, 1500ms);
  EXPECT_EQ(refusal.field, "tasks[3].function");
}

// As the messages of google/rpc/*.proto have them.
TEST(RefusalDetailsTest, BytesOfGoogleRpcAreRead) {
  const std::string info =
      "\x0a\x09"
      "DISK_FULL"
      "\x12\x07"
      "futured";
  const std::string url = "type.googleapis.com/google.rpc.ErrorInfo";
  const std::string any =
      std::string("\x0a") + static_cast<char>(url.size()) + url + "\x12" + static_cast<char>(info.size()) + info;
  EXPECT_EQ(refusal_in(std::string("\x08\x08\x12\x04"
                                   "full"
                                   "\x1a") +
                       static_cast<char>(any.size()) + any)
                .reason,
            "DISK_FULL");
}

TEST(RefusalDetailsTest, WhatIsNoneOrOfAnotherKindCountsAsNothing) {
  v1::ErrorStatus other;
  v1::ErrorInfo info;
  info.set_reason("NO");
  add(other, "DebugInfo", info);
  add(other, "BadRequest", v1::BadRequest());
  for (const std::string& bytes : {std::string(), std::string("\xff\xff\xff"), other.SerializeAsString()}) {
    const Refusal refusal = refusal_in(bytes);
    EXPECT_EQ(refusal.reason, "");
    EXPECT_EQ(refusal.retry_delay, 0ms);
    EXPECT_EQ(refusal.field, "");
  }
}

TEST(RefusalDetailsTest, NegativeDelayIsNone) {
  v1::SessionRefusal refusal;
  refusal.mutable_retry_delay()->set_seconds(-5);
  EXPECT_EQ(refusal_of(refusal).retry_delay, 0ms);
}

TEST(RefusalDetailsTest, DelayIsObeyedAndLengthenedByUpToHalf) {
  std::minstd_rand engine(1);
  std::set<std::chrono::milliseconds> seen;
  for (int i = 0; i < 10'000; ++i) seen.insert(with_jitter(100ms, engine));
  EXPECT_EQ(*seen.begin(), 100ms);
  EXPECT_EQ(*seen.rbegin(), 150ms);
  EXPECT_EQ(seen.size(), 51u) << "uniform: each is met";
}

TEST(RefusalDetailsTest, EqualEnginesGiveEqualDelays) {
  std::minstd_rand one(7);
  std::minstd_rand other(7);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(with_jitter(1000ms, one), with_jitter(1000ms, other));
  EXPECT_EQ(with_jitter(0ms, one), 0ms);
}

TEST(RefusalDetailsTest, ErrorsTellIt) {
  const UnknownFuture error("gone", {"FUTURE_EXPIRED", {}, {}});
  const CallError& base = error;
  EXPECT_STREQ(base.what(), "gone");
  EXPECT_EQ(base.reason(), "FUTURE_EXPIRED");
  EXPECT_EQ(Refused("alone").reason(), "");
}

}  // namespace
}  // namespace futured::detail
