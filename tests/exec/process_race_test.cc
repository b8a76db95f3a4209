// Cancels that come when a task in a worker starts or finishes: what the caller is told is what happens.
#include <gtest/gtest.h>

#include <chrono>
#include <iostream>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/exec/execution_log.h"
#include "tests/exec/fault_functions.h"
#include "tests/exec/process_under_test.h"
#include "tests/support/scale.h"
#include "tests/support/seed.h"

namespace futured::testing {
namespace {

using core::CancelEffect;
using core::State;
using Clock = std::chrono::steady_clock;

class CancelRaceTest : public ::testing::Test {
 protected:
  // A round: a few tasks, one of which is cancelled after a random time, up to the time that they take.
  void run(std::size_t count, core::CancelMode mode, std::int64_t longest) {
    std::map<CancelEffect, std::size_t> effects;
    for (std::size_t round = 0; round < count && !HasFailure(); ++round) {
      std::vector<Try> tried;
      for (std::size_t i = 0; i <= random_() % 3; ++i) tried.push_back(submit(random_below(longest)));
      Try& chosen = tried[random_() % tried.size()];
      const auto moment = Clock::now() + std::chrono::microseconds(random_below(2 * longest));
      while (Clock::now() < moment) continue;
      chosen.effect = bench_.table.cancel(core::kDaemonAccount, {&chosen.id, 1}, mode, core::Duration(0)).front();
      ++effects[*chosen.effect];
      for (Try& each : tried) each.outcome = bench_.outcome(each.id);
      for (Try& each : tried) all_.push_back(std::move(each));
    }
    std::cout << effects[CancelEffect::kCancelled] << " cancelled before they began, "
              << effects[CancelEffect::kStopRequested] + effects[CancelEffect::kStopEnforced] << " while they ran, "
              << effects[CancelEffect::kFinished] << " had finished" << std::endl;
  }

  struct Try {
    std::string name;
    core::FutureId id;
    // Nothing: was not cancelled.
    std::optional<CancelEffect> effect = std::nullopt;
    core::Outcome outcome = {};
  };

  std::int64_t random_below(std::int64_t limit) {
    return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(limit));
  }
  Try submit(std::int64_t microseconds) {
    std::string name = std::to_string(submitted_++);
    const core::FutureId id = bench_.submit(kWork, rendezvous_.path(), name, microseconds);
    return {std::move(name), id};
  }

  std::mt19937_64 random_{announced_seed()};
  Rendezvous rendezvous_;
  ExecutorBench bench_{process_kind(), {.max_workers = 2}};
  std::vector<Try> all_;
  std::size_t submitted_ = 0;
};

TEST_F(CancelRaceTest, ReplyOutcomeAndExecutionAgree) {
  run(tries(1000, 10'000), core::CancelMode::kCooperative, 300);
  const ExecutionLog log(rendezvous_.path());
  for (const Try& each : all_) {
    const bool before_it_began = each.effect == CancelEffect::kCancelled;
    EXPECT_EQ(log.times_begun(each.name), before_it_began ? 0 : 1) << each.name;
    if (before_it_began) {
      EXPECT_EQ(each.outcome.state, State::kCancelled) << each.name;
    } else if (each.effect == CancelEffect::kStopRequested) {
      EXPECT_EQ(log.how_ended(each.name), each.outcome.state == State::kCancelled ? "stopped" : "done") << each.name;
    } else {
      EXPECT_EQ(each.outcome.state, State::kSucceeded) << each.name;
      EXPECT_EQ(log.how_ended(each.name), "done") << each.name;
    }
  }
}

TEST_F(CancelRaceTest, ForcedReplyOutcomeAndExecutionAgree) {
  run(tries(1000, 10'000), core::CancelMode::kForce, 2000);
  const ExecutionLog log(rendezvous_.path());
  for (const Try& each : all_) {
    SCOPED_TRACE(each.name);
    if (each.effect == CancelEffect::kCancelled) {
      EXPECT_EQ(log.times_begun(each.name), 0);
      EXPECT_EQ(each.outcome.state, State::kCancelled);
    } else if (each.effect == CancelEffect::kStopEnforced) {
      // Killed before it could write, perhaps.
      EXPECT_LE(log.times_begun(each.name), 1);
      if (each.outcome.state != State::kCancelled) {
        EXPECT_EQ(each.outcome.state, State::kSucceeded);
        EXPECT_EQ(log.how_ended(each.name), "done");
      }
    } else {
      EXPECT_EQ(each.outcome.state, State::kSucceeded);
      EXPECT_EQ(log.times_begun(each.name), 1);
      EXPECT_EQ(log.how_ended(each.name), "done");
    }
  }
}

}  // namespace
}  // namespace futured::testing
