#include "server/rpc/convert.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

#include "tests/support/manual_time.h"

namespace futured::rpc {
namespace {

using ::testing::HasSubstr;

using namespace std::chrono_literals;

core::Error error_with_cause() {
  auto cause = std::make_shared<core::Error>();
  cause->type = "IOError";
  cause->message = "no such file";
  return {core::Origin::kCall, "ValueError", "cannot read", "line 1", cause, 2, "thread-3"};
}

TEST(ConvertTest, DurationsKeepTheirNanoseconds) {
  EXPECT_EQ(to_proto(1'500'000'001ns).seconds(), 1);
  EXPECT_EQ(to_proto(1'500'000'001ns).nanos(), 500'000'001);
}

TEST(ConvertTest, WallTimeFollowsTheSteadyClock) {
  testing::ManualTime clock;
  const core::Time earlier = clock.now();
  clock.advance(90s);
  const WallTime time(clock);
  EXPECT_EQ(time.at(earlier).seconds(), 1'000'000'000);
  EXPECT_EQ(time.at(clock.now() + 1500ms).seconds(), 1'000'000'091);
  EXPECT_EQ(time.at(clock.now() + 1500ms).nanos(), 500'000'000);
}

TEST(ConvertTest, ProgressIsSetWhereThereIsAny) {
  testing::ManualTime clock;
  const WallTime time(clock);
  core::FutureSnapshot future;
  EXPECT_FALSE(to_proto(future, "thread", time).has_progress());
  future.progress = core::Progress{0.25, "reading", clock.now() + 5s};
  const v1::Progress progress = to_proto(future, "thread", time).progress();
  EXPECT_EQ(progress.fraction(), 0.25);
  EXPECT_EQ(progress.message(), "reading");
  EXPECT_EQ(progress.report_time().seconds(), 1'000'000'005);
}

TEST(ConvertTest, AnErrorKeepsItsCauses) {
  v1::Error proto;
  ASSERT_TRUE(proto.ParseFromString(serialized_error(error_with_cause())));
  EXPECT_EQ(proto.origin(), v1::ERROR_ORIGIN_CALL);
  EXPECT_EQ(proto.type(), "ValueError");
  EXPECT_EQ(proto.message(), "cannot read");
  EXPECT_EQ(proto.traceback(), "line 1");
  EXPECT_EQ(proto.attempt(), 2u);
  EXPECT_EQ(proto.worker(), "thread-3");
  EXPECT_EQ(proto.cause().message(), "no such file");
  EXPECT_FALSE(proto.cause().has_cause());
}

TEST(ConvertTest, AnOutcomeIsOneOfThree) {
  v1::Value value;
  value.set_string_value("yes");
  EXPECT_EQ(to_proto(core::Outcome::succeeded(core::Bytes(value.SerializeAsString()))).value().string_value(), "yes");
  EXPECT_EQ(to_proto(core::Outcome::failed(error_with_cause())).error().type(), "ValueError");
  EXPECT_TRUE(to_proto(core::Outcome::cancelled()).has_cancelled());
  EXPECT_EQ(to_proto(core::Outcome()).result_case(), v1::Outcome::RESULT_NOT_SET);
}

TEST(ConvertTest, BytesThatAreNoValueBecomeAnError) {
  const auto outcome = to_proto(core::Outcome::succeeded(core::Bytes("\xff\xff\xff")));
  ASSERT_TRUE(outcome.has_error());
  EXPECT_EQ(outcome.error().origin(), v1::ERROR_ORIGIN_CALL);
  EXPECT_THAT(outcome.error().message(), HasSubstr("3 bytes"));
}

TEST(ConvertTest, StatesGoBothWays) {
  for (const auto state : {core::State::kPending, core::State::kRunning, core::State::kSucceeded, core::State::kFailed,
                           core::State::kCancelled}) {
    EXPECT_EQ(to_core(to_proto(state)), state);
  }
}

}  // namespace
}  // namespace futured::rpc
