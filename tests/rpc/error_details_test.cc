#include "server/rpc/error_details.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "futured/v1/errors.pb.h"
#include "server/core/reason.h"
#include "server/core/refusals.h"
#include "server/rpc/convert.h"
#include "tests/support/wire_reader.h"

namespace futured::rpc {
namespace {

using namespace std::chrono_literals;
using core::Reason;
using core::Status;
using ::testing::ElementsAre;
using testing::WireReader;

constexpr std::string_view kPrefix = "ERROR_REASON_";

// The details' URLs, in their order.
std::vector<std::string> types_of(const std::string& bytes) {
  std::vector<std::string> types;
  for (const std::string& any : WireReader(bytes).all(3)) types.push_back(WireReader(any).text(1));
  return types;
}

// The bytes of the detail of that type.
std::string detail(const std::string& bytes, const std::string& type) {
  for (const std::string& any : WireReader(bytes).all(3)) {
    if (WireReader(any).text(1) == "type.googleapis.com/google.rpc." + type) return WireReader(any).text(2);
  }
  ADD_FAILURE() << "no " << type;
  return "";
}

TEST(ReasonTest, EachIsInTheProtocolAndTheOtherWayRound) {
  std::set<std::string> protocol;
  const auto& values = *v1::ErrorReason_descriptor();
  for (int i = 0; i < values.value_count(); ++i) protocol.insert(values.value(i)->name());
  std::set<std::string> daemon{"ERROR_REASON_UNSPECIFIED"};
  for (const core::ReasonRow& row : core::kReasons) {
    EXPECT_TRUE(daemon.insert(std::string(kPrefix).append(row.name)).second) << row.name << " is there twice";
  }
  EXPECT_EQ(daemon, protocol);
}

// Read by hand, by the numbers that google/rpc/*.proto have.
TEST(ErrorDetailsTest, AreTheBytesOfGoogleRpc) {
  const std::string bytes =
      error_details({Reason::kTooManyPending, "it is full", 2500ms, "tasks[3].options.executor", {"executor", "gpu"}});
  const WireReader status(bytes);
  EXPECT_EQ(status.number(1), 8u);
  EXPECT_EQ(status.text(2), "it is full");
  EXPECT_THAT(types_of(bytes),
              ElementsAre("type.googleapis.com/google.rpc.ErrorInfo", "type.googleapis.com/google.rpc.RetryInfo",
                          "type.googleapis.com/google.rpc.BadRequest", "type.googleapis.com/google.rpc.ResourceInfo"));
  const std::string info = detail(bytes, "ErrorInfo");
  EXPECT_EQ(WireReader(info).text(1), "TOO_MANY_PENDING");
  EXPECT_EQ(WireReader(info).text(2), "futured");
  const std::string delay = WireReader(detail(bytes, "RetryInfo")).text(1);
  EXPECT_EQ(WireReader(delay).number(1), 2u);
  EXPECT_EQ(WireReader(delay).number(2), 500'000'000u);
  const std::string violation = WireReader(detail(bytes, "BadRequest")).text(1);
  EXPECT_EQ(WireReader(violation).text(1), "tasks[3].options.executor");
  EXPECT_EQ(WireReader(violation).text(2), "it is full");
  const std::string resource = detail(bytes, "ResourceInfo");
  EXPECT_EQ(WireReader(resource).text(1), "executor");
  EXPECT_EQ(WireReader(resource).text(2), "gpu");
}

TEST(ErrorDetailsTest, WhatThereIsNotIsNotThere) {
  const std::string bytes = error_details({Reason::kFutureUnknown, "gone"});
  EXPECT_THAT(types_of(bytes), ElementsAre("type.googleapis.com/google.rpc.ErrorInfo"));
}

TEST(ErrorDetailsTest, FitIntoMetadataWhateverTheyName) {
  const std::string endless(100'000, 'x');
  EXPECT_LT(error_details({Reason::kFieldInvalid, endless, 1s, endless, {"executor", endless}}).size(), 4096u);
}

TEST(ErrorDetailsTest, BytesThatAreNoTextDoNotSpoilThem) {
  v1::ErrorStatus status;
  ASSERT_TRUE(status.ParseFromString(error_details({Reason::kDataRefused, "no \xff text"})));
  EXPECT_EQ(status.message(), "no ? text");
}

TEST(ErrorDetailsTest, TheStatusOfACallHasCodeMessageDelayAndDetails) {
  grpc::CallbackServerContext context;
  const Status refusal{Reason::kDaemonDraining, "going", 250ms};
  const grpc::Status status = to_grpc(refusal, context);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(status.error_message(), "going");
  EXPECT_EQ(status.error_details(), error_details(refusal));
}

TEST(ErrorDetailsTest, CodesAreThoseOfGrpc) {
  grpc::CallbackServerContext context;
  for (const core::ReasonRow& row : core::kReasons) {
    EXPECT_EQ(to_grpc({row.reason, ""}, context).error_code(), static_cast<grpc::StatusCode>(row.code)) << row.name;
  }
}

TEST(RefusalsTest, CallsThatEndAreCountedByReason) {
  grpc::CallbackServerContext context;
  const auto before = core::refusals(Reason::kDiskFull);
  const auto others = core::refusals(Reason::kStoreFailed);
  (void)to_grpc({Reason::kDiskFull, "full"}, context);
  EXPECT_EQ(core::refusals(Reason::kDiskFull), before + 1);
  EXPECT_EQ(core::refusals(Reason::kStoreFailed), others);
}

}  // namespace
}  // namespace futured::rpc
