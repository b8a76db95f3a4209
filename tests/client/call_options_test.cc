// Options of calls: what follows a failure, when it begins, what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/client/daemon.h"

namespace futured::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(CallOptionsTest, FailedAttemptsAreFollowedByOthers) {
  Daemon daemon;
  Executor executor(daemon.address());
  const auto future = executor.with({.retry = {.max_attempts = 3, .delay = 1ms}}).submit(fail, "no");
  EXPECT_THROW(future.result(20s), TaskError);
  EXPECT_EQ(daemon.calls(), 3);
}

// semantics 156
TEST(CallOptionsTest, OneAttemptUnlessMoreAreAskedFor) {
  Daemon daemon;
  Executor executor(daemon.address());
  EXPECT_THROW(executor.submit(fail, "no").result(20s), TaskError);
  EXPECT_EQ(daemon.calls(), 1);
}

TEST(CallOptionsTest, OnlyNamedErrorsAreRetried) {
  Daemon daemon;
  Executor executor(daemon.address());
  const auto future = executor.with({.retry = {.max_attempts = 3, .delay = 1ms, .on = {"timeout"}}}).submit(fail, "no");
  EXPECT_THROW(future.result(20s), TaskError);
  EXPECT_EQ(daemon.calls(), 1);
}

TEST(CallOptionsTest, DelayedCallCanBeCancelled) {
  Daemon daemon;
  Executor executor(daemon.address());
  const auto delayed = executor.with({.delay = 1h}).submit(square, 3);
  const auto later = executor.with({.not_before = std::chrono::system_clock::now() + 1h}).submit(square, 3);
  EXPECT_EQ(executor.submit(square, 4).result(20s), 16);
  EXPECT_FALSE(delayed.running() || delayed.done());
  EXPECT_TRUE(delayed.cancel());
  EXPECT_TRUE(later.cancel());
}

TEST(CallOptionsTest, FutureThatExpiresFailsByTimeout) {
  Daemon daemon;
  Executor executor(daemon.address());
  const auto future = executor.with({.expires = 10ms, .delay = 1h}).submit(square, 3);
  try {
    (void)future.result(20s);
    FAIL() << "no error";
  } catch (const TaskError& error) {
    EXPECT_EQ(error.origin(), ErrorOrigin::kTimeout);
    EXPECT_THAT(error.what(), HasSubstr("expired"));
  }
}

TEST(CallOptionsTest, HigherPriorityBeginsFirst) {
  Daemon daemon;
  Executor executor(daemon.address(), {.max_workers = 1});
  const auto blocker = executor.submit(pass_gate, 1);
  ASSERT_TRUE(daemon.gate.wait_for_arrivals(1));
  std::vector<Future<std::string>> futures;
  futures.push_back(executor.submit(echo, "usual"));
  futures.push_back(executor.with({.priority = -1}).submit(echo, "low"));
  futures.push_back(executor.with({.priority = 1}).submit(echo, "high"));
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (daemon.unfinished() < 4 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  daemon.gate.open();
  for (const auto& future : futures) (void)future.result(20s);
  EXPECT_THAT(daemon.echoed(), ElementsAre("high", "usual", "low"));
}

TEST(CallOptionsTest, OthersAreTaken) {
  Daemon daemon;
  Executor executor(daemon.address());
  const CallOptions options{.labels = {{"team", "sales"}}, .at_most_once = true, .ephemeral = true};
  EXPECT_EQ(executor.with(options).submit(square, 3).result(20s), 9);
}

TEST(CallOptionsTest, WhatTheDaemonRefusesFailsTheFuture) {
  Daemon daemon;
  Executor executor(daemon.address());
  try {
    (void)executor.with({.priority = 1000}).submit(square, 3).result(20s);
    FAIL() << "no error";
  } catch (const Refused& error) {
    EXPECT_THAT(error.what(), HasSubstr("priority"));
  }
}

TEST(CallOptionsTest, FewerThanOneAttemptIsAnError) {
  Executor executor("127.0.0.1:1");
  EXPECT_THROW((void)executor.with({.retry = {.max_attempts = 0}}), std::invalid_argument);
}

TEST(CallOptionsTest, WhatIsNoTextIsAnErrorThatNamesTheOption) {
  const Executor executor("127.0.0.1:1");
  const auto problem = [&](const CallOptions& options) -> std::string {
    try {
      (void)executor.with(options);
      return "none";
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
  };
  EXPECT_EQ(problem({.executor = "caf\xe9"}), "executor: \"caf?\" is no UTF-8 text");
  EXPECT_EQ(problem({.retry = {.on = {"timeout", "caf\xe9"}}}), "retry.on: \"caf?\" is no UTF-8 text");
  EXPECT_EQ(problem({.labels = {{"caf\xe9", "open"}}}), "labels: \"caf?\" is no UTF-8 text");
  EXPECT_EQ(problem({.labels = {{"name", "caf\xe9"}}}), "labels: \"caf?\" is no UTF-8 text");
  EXPECT_EQ(problem({.executor = "caf\u00e9", .labels = {{"name", "caf\u00e9"}}}), "none");
}

}  // namespace
}  // namespace futured::testing
