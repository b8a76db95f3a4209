// What is told of futures before their end: progress, and what they have logged.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "futured/futured.h"
#include "tests/client/daemon.h"
#include "tests/client/fake_daemon.h"
#include "tests/support/eventually.h"

namespace futured::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::SizeIs;

class ProgressCallbackTest : public ::testing::Test {
 protected:
  // A callback that keeps what it is given.
  auto keep() {
    return [this](const Progress& progress) {
      const std::lock_guard lock(mutex_);
      told_.push_back(progress.message);
    };
  }
  std::vector<std::string> told() {
    const std::lock_guard lock(mutex_);
    return told_;
  }

  Daemon daemon_;
  std::atomic<int> reported_ = 0;
  Executor executor_{daemon_.address(), {.on_callback_error = [this](auto) { ++reported_; }}};
  std::mutex mutex_;
  std::vector<std::string> told_;
};

TEST_F(ProgressCallbackTest, IsCalledWhileTheFunctionRuns) {
  const auto future = executor_.submit(tell, 0.5, "half");
  std::promise<double> fraction;
  future.add_progress_callback([&](const Progress& progress) { fraction.set_value(progress.fraction); });
  auto arrived = fraction.get_future();
  ASSERT_EQ(arrived.wait_for(20s), std::future_status::ready);
  EXPECT_EQ(arrived.get(), 0.5);
  EXPECT_FALSE(future.done());
  daemon_.gate.open();
  future.result(20s);
}

TEST_F(ProgressCallbackTest, EachOfManyHearsOfItsOwnFuture) {
  daemon_.gate.open();
  const auto first = executor_.submit(tell, 0.5, "first");
  const auto second = executor_.submit(tell, 0.5, "second");
  std::atomic<int> calls = 0;
  for (int i = 0; i < 3; ++i) {
    second.add_progress_callback([&](const Progress& progress) {
      EXPECT_EQ(progress.message, "second");
      ++calls;
    });
  }
  first.result(20s);
  second.result(20s);
  executor_.shutdown();
  EXPECT_LE(calls, 3);
}

TEST_F(ProgressCallbackTest, OneThatIsAddedLateIsToldTheLast) {
  const auto future = executor_.submit(tell, 0.5, "half");
  ASSERT_TRUE(daemon_.gate.wait_for_arrivals(1));
  future.add_progress_callback(keep());
  EXPECT_TRUE(eventually([&] { return told() == std::vector<std::string>{"half"}; }));
  daemon_.gate.open();
  future.result(20s);
}

TEST_F(ProgressCallbackTest, IsNotCalledBehindTheEnd) {
  daemon_.gate.open();
  const auto future = executor_.submit(tell, 0.5, "half");
  future.result(20s);
  future.add_progress_callback(keep());
  future.add_done_callback([&](const auto&) {
    const std::lock_guard lock(mutex_);
    told_.emplace_back("done");
  });
  executor_.shutdown();
  EXPECT_THAT(told(), ElementsAre("done"));
}

TEST_F(ProgressCallbackTest, HearsOfAttachedFutures) {
  const auto future = executor_.submit(tell, 0.5, "half");
  ASSERT_TRUE(daemon_.gate.wait_for_arrivals(1));
  const Executor other(daemon_.address());
  const auto attached = other.attach<void>(future.id());
  attached.add_progress_callback(keep());
  EXPECT_TRUE(eventually([&] { return told() == std::vector<std::string>{"half"}; }));
  daemon_.gate.open();
  attached.result(20s);
}

TEST_F(ProgressCallbackTest, WhatItThrowsIsReportedAndHarmsNothing) {
  const auto future = executor_.submit(tell, 0.5, "half");
  future.add_progress_callback([](const Progress&) { throw std::runtime_error("by the callback"); });
  future.add_progress_callback(keep());
  EXPECT_TRUE(eventually([&] { return !told().empty(); }));
  EXPECT_EQ(reported_, 1);
  daemon_.gate.open();
  future.result(20s);
}

// --- On the stream.

std::string progress_payload(const std::string& message) {
  v1::Progress progress;
  progress.set_message(message);
  return progress.SerializeAsString();
}

TEST(ProgressStreamTest, IsAskedForOnceTheCallIsAcceptedAndAgainOnTheNextStream) {
  std::vector<std::uint64_t> first, second;
  FakeDaemon daemon({[&](Conversation& talk) {
                       talk.welcome();
                       talk.read_submits(2);
                       EXPECT_THAT(talk.observed, ::testing::IsEmpty());
                       talk.accept(2);
                       while (talk.observed.empty() && !talk.ended()) talk.read();
                       first = talk.observed;
                       talk.tell(2, v1::SESSION_EVENT_KIND_PROGRESS, progress_payload("first"));
                       return broken();
                     },
                     [&](Conversation& talk) {
                       talk.welcome();
                       while (talk.observed.empty() && !talk.ended()) talk.read();
                       second = talk.observed;
                       talk.tell(1, v1::SESSION_EVENT_KIND_PROGRESS, progress_payload("of one without callbacks"));
                       talk.tell(2, v1::SESSION_EVENT_KIND_PROGRESS, "\xff no progress");
                       talk.tell(7, v1::SESSION_EVENT_KIND_PROGRESS, progress_payload("of no future"));
                       talk.tell(2, v1::SESSION_EVENT_KIND_PROGRESS, progress_payload("second"));
                       talk.succeed({1, 2});
                       talk.read_to_end();
                       return grpc::Status::OK;
                     }});
  Executor executor(daemon.address());
  const std::vector futures{executor.submit<std::uint64_t>("any"), executor.submit<std::uint64_t>("any")};
  std::vector<std::string> told;
  futures[1].add_progress_callback([&](const Progress& progress) { told.push_back(progress.message); });
  EXPECT_EQ(futures[1].result(20s), 2U);
  executor.shutdown();
  EXPECT_THAT(first, ElementsAre(2));
  EXPECT_THAT(second, ElementsAre(2));
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(told.back(), "second");
}

// --- Logs.

using LogsTest = ProgressCallbackTest;

TEST_F(LogsTest, AreThoseThatThereAreSoFar) {
  const auto future = executor_.with({.retention = 60s}).submit(tell, 0.5, "half");
  ASSERT_TRUE(daemon_.gate.wait_for_arrivals(1));
  const std::vector<LogLine> lines = future.logs();
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_EQ(lines[0].number, 1U);
  EXPECT_EQ(lines[0].attempt, 1U);
  EXPECT_EQ(lines[0].kind, LogKind::kWarning);
  EXPECT_EQ(lines[0].text, "half");
  EXPECT_LT(std::chrono::abs(std::chrono::system_clock::now() - lines[0].time), 60s);
  daemon_.gate.open();
  future.result(20s);
  ASSERT_THAT(future.logs(), SizeIs(2));
  EXPECT_EQ(future.logs()[1].kind, LogKind::kDebug);
}

TEST_F(LogsTest, OfAFutureThatIsNotThereAreUnknown) {
  const auto future = executor_.attach<void>("3f0c9a51-77d2-8c1e-9d3a-000000000001");
  EXPECT_THROW(future.logs(), UnknownFuture);
}

TEST_F(LogsTest, OfADaemonThatIsNotThereAreLost) {
  const Executor nowhere("127.0.0.1:1", {.reconnect_timeout = 200ms});
  const auto future = nowhere.attach<void>("3f0c9a51-77d2-8c1e-9d3a-000000000001");
  EXPECT_THROW(future.logs(), ConnectionLost);
}

}  // namespace
}  // namespace futured::testing
