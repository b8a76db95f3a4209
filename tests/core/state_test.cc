#include "server/core/state.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>

namespace futured::core {
namespace {

constexpr State kAll[] = {State::kPending, State::kRunning, State::kSucceeded, State::kFailed, State::kCancelled};

TEST(StateTest, OnlyStepsForwardAndToTheNextAttemptAreAllowed) {
  using enum State;
  const std::set<std::pair<State, State>> allowed = {
      {kPending, kPending},   {kPending, kRunning},   {kPending, kSucceeded},
      {kPending, kFailed},    {kPending, kCancelled}, {kRunning, kPending},
      {kRunning, kSucceeded}, {kRunning, kFailed},    {kRunning, kCancelled},
  };
  for (const State from : kAll) {
    for (const State to : kAll) {
      EXPECT_EQ(may_follow(from, to), allowed.contains({from, to})) << to_string(from) << " to " << to_string(to);
    }
  }
}

TEST(StateTest, ThreeStatesAreFinal) {
  std::string final_ones;
  for (const State state : kAll) {
    if (is_final(state)) final_ones += std::string(to_string(state)) + " ";
  }
  EXPECT_EQ(final_ones, "SUCCEEDED FAILED CANCELLED ");
}

TEST(StateTest, NamesAreThoseOfTheProtocol) {
  EXPECT_EQ(to_string(State::kPending), "PENDING");
  EXPECT_EQ(to_string(State::kRunning), "RUNNING");
}

}  // namespace
}  // namespace futured::core
