#include "server/core/timekeeper.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "tests/support/gate.h"

namespace futured::core {
namespace {

using namespace std::chrono_literals;
using testing::Gate;

Time now() { return std::chrono::steady_clock::now(); }

TEST(ThreadTimekeeperTest, ActionRunsAtItsTimeOrLater) {
  ThreadTimekeeper timekeeper;
  Gate ran;
  const Time when = now() + 5ms;
  Time at;
  timekeeper.schedule(when, [&] {
    at = now();
    ran.open();
  });
  ASSERT_TRUE(ran.wait());
  EXPECT_GE(at, when);
}

TEST(ThreadTimekeeperTest, PastTimesRunAtOnce) {
  ThreadTimekeeper timekeeper;
  Gate ran;
  timekeeper.schedule(Time(), [&] { ran.open(); });
  EXPECT_TRUE(ran.wait());
}

TEST(ThreadTimekeeperTest, EarlierOneOvertakesLaterOne) {
  ThreadTimekeeper timekeeper;
  Gate ran;
  std::vector<int> order;
  timekeeper.schedule(now() + 20ms, [&] {
    order.push_back(2);
    ran.open();
  });
  timekeeper.schedule(now() + 1ms, [&] { order.push_back(1); });
  ASSERT_TRUE(ran.wait());
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
}

TEST(ThreadTimekeeperTest, EqualTimesRunInTheOrderOfScheduling) {
  ThreadTimekeeper timekeeper;
  Gate ran;
  std::vector<int> order;
  const Time when = now() + 10ms;
  for (int i = 0; i < 100; ++i) timekeeper.schedule(when, [&order, i] { order.push_back(i); });
  timekeeper.schedule(when, [&] { ran.open(); });
  ASSERT_TRUE(ran.wait());
  ASSERT_EQ(order.size(), 100U);
  EXPECT_TRUE(std::ranges::is_sorted(order));
}

TEST(ThreadTimekeeperTest, CancelledOneNeverRunsAndIsDropped) {
  ThreadTimekeeper timekeeper;
  Gate ran;
  std::atomic<bool> cancelled_ran = false;
  auto held = std::make_shared<int>(0);
  const auto id = timekeeper.schedule(now() + 1h, [&, held] { cancelled_ran = true; });
  EXPECT_EQ(held.use_count(), 2);
  EXPECT_TRUE(timekeeper.cancel(id));
  EXPECT_EQ(held.use_count(), 1);
  EXPECT_FALSE(timekeeper.cancel(id));
  timekeeper.schedule(now(), [&] { ran.open(); });
  ASSERT_TRUE(ran.wait());
  EXPECT_FALSE(cancelled_ran);
}

TEST(ThreadTimekeeperTest, ActionThatRanCannotBeCancelled) {
  ThreadTimekeeper timekeeper;
  Gate ran;
  const auto id = timekeeper.schedule(now(), [&] { ran.open(); });
  ASSERT_TRUE(ran.wait());
  EXPECT_FALSE(timekeeper.cancel(id));
}

TEST(ThreadTimekeeperTest, ActionsMayScheduleAndCancel) {
  ThreadTimekeeper timekeeper;
  Gate ran;
  timekeeper.schedule(now(), [&] {
    const auto never = timekeeper.schedule(now() + 1h, [] {});
    EXPECT_TRUE(timekeeper.cancel(never));
    timekeeper.schedule(now(), [&] { ran.open(); });
  });
  EXPECT_TRUE(ran.wait());
}

TEST(ThreadTimekeeperTest, StopWaitsForTheRunningActionAndDropsTheOthers) {
  ThreadTimekeeper timekeeper;
  Gate running;
  Gate go_on;
  std::atomic<bool> ended = false;
  std::atomic<bool> other_ran = false;
  auto held = std::make_shared<int>(0);
  timekeeper.schedule(now(), [&] {
    running.open();
    EXPECT_TRUE(go_on.wait());
    ended = true;
  });
  timekeeper.schedule(now() + 1h, [&, held] { other_ran = true; });
  ASSERT_TRUE(running.wait());
  std::thread opener([&] { go_on.open(); });
  timekeeper.stop();
  EXPECT_TRUE(ended);
  EXPECT_EQ(held.use_count(), 1);
  opener.join();
  EXPECT_FALSE(other_ran);
}

TEST(ThreadTimekeeperTest, AfterStopNothingRuns) {
  ThreadTimekeeper timekeeper;
  timekeeper.stop();
  timekeeper.stop();
  std::atomic<bool> ran = false;
  auto held = std::make_shared<int>(0);
  const auto id = timekeeper.schedule(now(), [&, held] { ran = true; });
  EXPECT_EQ(held.use_count(), 1);
  EXPECT_FALSE(timekeeper.cancel(id));
  EXPECT_FALSE(ran);
}

TEST(ThreadTimekeeperTest, ThreadsMayScheduleAndCancelAtOnce) {
  ThreadTimekeeper timekeeper;
  std::atomic<int> ran = 0;
  std::atomic<int> cancelled = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        const auto id = timekeeper.schedule(now() + std::chrono::microseconds(i % 50), [&] { ++ran; });
        if (i % 2 == 0 && timekeeper.cancel(id)) ++cancelled;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  Gate last;
  timekeeper.schedule(now() + 1ms, [&] { last.open(); });
  ASSERT_TRUE(last.wait());
  EXPECT_EQ(ran + cancelled, 2000);
}

}  // namespace
}  // namespace futured::core
