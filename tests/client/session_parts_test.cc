// The small parts of a session: IDs, the table of futures, errors, timeouts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "client/cpp/src/future_state.h"
#include "client/cpp/src/session_id.h"
#include "client/cpp/src/state_table.h"
#include "client/cpp/src/task_error.h"
#include "futured/timeout.h"
#include "futured/v1/future.pb.h"

namespace futured::detail {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

TEST(SessionIdTest, IsAUuidOfVersion8AndFuturesCountUpItsLastGroup) {
  const SessionId id = SessionId::random();
  EXPECT_THAT(id.text(), MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-000000000000"));
  EXPECT_EQ(id.future(255), id.text().substr(0, 24) + "0000000000ff");
  EXPECT_TRUE(is_future_id(id.future(255)));
  EXPECT_NE(id.text(), SessionId::random().text());
}

TEST(SessionIdTest, OtherTextsAreNoIds) {
  for (const char* text : {"", "00000000-0000-8000-8000-00000000000", "00000000-0000-4000-8000-000000000000",
                           "00000000-0000-8000-7000-000000000000", "0000000000000-8000-8000-000000000000",
                           "g0000000-0000-8000-8000-000000000000", "00000000-0000-8000-8000-0000000000000"}) {
    EXPECT_FALSE(is_future_id(text)) << text;
  }
  EXPECT_TRUE(is_future_id("ABCDEF00-0000-8000-B000-000000000000"));
}

TEST(StateTableTest, FindsAndTakesByCounter) {
  StateTable table;
  std::vector<StatePtr> states;
  for (std::uint64_t i = 1; i <= 5000; ++i) {
    states.push_back(std::make_shared<FutureState>(nullptr));
    table.insert(i * 3, states.back());
  }
  EXPECT_EQ(table.size(), 5000U);
  EXPECT_EQ(table.find(3), states.front().get());
  EXPECT_EQ(table.find(4), nullptr);
  EXPECT_EQ(table.take(4), nullptr);
  EXPECT_EQ(table.take(1'000'000), nullptr);
  for (std::uint64_t i = 5000; i >= 1; --i) EXPECT_EQ(table.take(i * 3), states[i - 1]);
  EXPECT_TRUE(table.empty());
  EXPECT_EQ(table.take(3), nullptr);
  table.insert(20'000, states.front());
  EXPECT_EQ(table.find(20'000), states.front().get());
}

TEST(StateTableTest, VisitsInRisingOrder) {
  StateTable table;
  for (const unsigned counter : {5U, 600U, 70'000U}) {
    auto state = std::make_shared<FutureState>(nullptr);
    state->counter = counter;
    table.insert(counter, std::move(state));
  }
  std::vector<std::uint64_t> order;
  table.for_each([&](const StatePtr& state) { order.push_back(state->counter); });
  EXPECT_THAT(order, ElementsAre(5, 600, 70'000));
}

TEST(TaskErrorTest, CarriesEverythingTheDaemonTold) {
  v1::Error error;
  error.set_origin(v1::ERROR_ORIGIN_TIMEOUT);
  error.set_type("ValueError");
  error.set_message("bad");
  error.set_traceback("line 1");
  error.set_attempt(2);
  error.set_worker("thread-3");
  error.mutable_cause()->set_type("KeyError");
  const TaskError thrown = make_task_error(error.SerializeAsString());
  EXPECT_STREQ(thrown.what(), "ValueError: bad");
  EXPECT_EQ(thrown.origin(), ErrorOrigin::kTimeout);
  EXPECT_EQ(thrown.attempt(), 2U);
  EXPECT_EQ(thrown.worker(), "thread-3");
  EXPECT_EQ(thrown.report(), "ValueError: bad\nline 1\ncaused by KeyError");
}

TEST(TaskErrorTest, UnreadableErrorIsStillOne) {
  EXPECT_THAT(make_task_error("\xff\xff").what(), HasSubstr("cannot be read"));
}

TEST(TimeoutTest, ClampsToNothingAndForEver) {
  EXPECT_EQ(Timeout(5ms).length(), 5ms);
  EXPECT_EQ(Timeout(-5ms).length(), 0ms);
  EXPECT_EQ(Timeout(std::chrono::hours::max()).length(), std::nullopt);
  EXPECT_EQ(Timeout().deadline(), Timeout::Clock::time_point::max());
  EXPECT_EQ(Timeout(std::chrono::duration<double>(0.5)).length(), 500ms);
}

}  // namespace
}  // namespace futured::detail
