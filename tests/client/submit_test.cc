// Semantics of Executor::submit().
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/client/daemon.h"

namespace futured::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

TEST(SubmitTest, ReturnsTheValueOfTheFunction) {
  Daemon daemon;
  Executor executor(daemon.address());
  EXPECT_EQ(executor.submit(echo, "hello").result(20s), "hello");
  EXPECT_EQ(executor.submit(add, 2, 3).result(20s), 5);
  executor.submit(nothing).result(20s);
}

// semantics 1
TEST(SubmitTest, DoesNotWaitForAWorker) {
  Daemon daemon;
  Executor executor(daemon.address(), {.max_workers = 1});
  std::vector<Future<std::int64_t>> futures;
  for (int i = 0; i < 1000; ++i) futures.push_back(executor.submit(pass_gate, i));
  EXPECT_TRUE(daemon.gate.wait_for_arrivals(1));
  EXPECT_EQ(daemon.gate.arrivals(), 1);
  for (const auto& future : futures) EXPECT_FALSE(future.done());
  daemon.gate.open();
  EXPECT_EQ(futures.back().result(20s), 999);
}

// semantics 4
TEST(SubmitTest, UnknownFunctionFailsTheFuture) {
  Daemon daemon;
  Executor executor(daemon.address());
  const auto future = executor.submit<int>("test.no_such_function", 1);
  try {
    (void)future.result(20s);
    FAIL() << "no error";
  } catch (const TaskError& error) {
    EXPECT_EQ(error.origin(), ErrorOrigin::kCall);
    EXPECT_THAT(error.what(), HasSubstr("test.no_such_function"));
  }
}

TEST(SubmitTest, MalformedFunctionNameIsRefused) {
  Daemon daemon;
  Executor executor(daemon.address());
  const auto bad = executor.submit<int>("not a name");
  const auto good = executor.submit(add, 1, 1);
  EXPECT_THROW((void)bad.result(20s), Refused);
  EXPECT_EQ(good.result(20s), 2);
}

TEST(SubmitTest, FunctionNameThatIsNoTextIsRefused) {
  Daemon daemon;
  Executor executor(daemon.address(), {.max_workers = 1});
  const auto before = executor.submit(pass_gate, 1);
  ASSERT_TRUE(daemon.gate.wait_for_arrivals(1));
  const auto bad = executor.submit<int>("caf\xe9");
  auto mapped = executor.map<int>("caf\xe9", std::vector{1, 2});
  const auto good = executor.submit(add, 1, 1);
  try {
    (void)bad.result(20s);
    FAIL() << "no error";
  } catch (const Refused& error) {
    EXPECT_THAT(error.what(), HasSubstr("caf?"));
    EXPECT_EQ(error.field(), "submits.function");
  }
  EXPECT_THROW((void)mapped.begin(), Refused);
  daemon.gate.open();
  EXPECT_EQ(before.result(20s), 1);
  EXPECT_EQ(good.result(20s), 2);
}

// semantics 5
TEST(SubmitTest, EqualCallsAreDifferentTasks) {
  Daemon daemon;
  Executor executor(daemon.address());
  const auto first = executor.submit(square, 3);
  const auto second = executor.submit(square, 3);
  EXPECT_EQ(first.result(20s), second.result(20s));
  EXPECT_NE(first.id(), second.id());
  EXPECT_NE(first, second);
  EXPECT_EQ(daemon.calls(), 2);
}

// semantics 6
TEST(SubmitTest, TasksStartInTheOrderOfSubmission) {
  Daemon daemon;
  Executor executor(daemon.address(), {.max_workers = 1});
  std::vector<Future<std::string>> futures;
  for (int i = 0; i < 200; ++i) futures.push_back(executor.submit(echo, std::to_string(i)));
  std::vector<std::string> order;
  for (auto& future : as_completed(futures, 20s)) order.push_back(future.result());
  std::vector<std::string> expected;
  for (int i = 0; i < 200; ++i) expected.push_back(std::to_string(i));
  EXPECT_EQ(order, expected);
}

// semantics 7, 8
TEST(SubmitTest, ArgumentsAreCopiedByTheCall) {
  Daemon daemon;
  Executor executor(daemon.address());
  std::string text = "before";
  const auto future = executor.submit(echo, text);
  text = "after";
  EXPECT_EQ(future.result(20s), "before");
}

// semantics 9, as an error of the call: there is no value to make a future of
TEST(SubmitTest, ArgumentThatCannotBeEncodedThrowsAndTheExecutorGoesOn) {
  Daemon daemon;
  Executor executor(daemon.address());
  EXPECT_THROW((void)executor.submit(echo, "\xff not UTF-8"), ArgumentError);
  EXPECT_EQ(executor.submit(echo, "fine").result(20s), "fine");
}

TEST(SubmitTest, WrongArgumentsFailTheFutureByTheirPosition) {
  Daemon daemon;
  Executor executor(daemon.address());
  try {
    (void)executor.submit<std::int64_t>("test.add", 1, "two").result(20s);
    FAIL() << "no error";
  } catch (const TaskError& error) {
    EXPECT_EQ(error.origin(), ErrorOrigin::kCall);
    EXPECT_THAT(error.what(), HasSubstr("2"));
  }
}

// semantics 11
TEST(SubmitTest, ManyThreadsSubmitAtOnce) {
  Daemon daemon;
  Executor executor(daemon.address());
  constexpr int kThreads = 4;
  constexpr int kCalls = 500;
  std::vector<std::vector<Future<std::int64_t>>> futures(kThreads);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&executor, &mine = futures[static_cast<std::size_t>(t)], t] {
      for (int i = 0; i < kCalls; ++i) mine.push_back(executor.submit(add, t, i));
    });
  }
  for (auto& thread : threads) thread.join();
  std::set<std::string> ids;
  for (int t = 0; t < kThreads; ++t) {
    for (int i = 0; i < kCalls; ++i) {
      const auto& future = futures[static_cast<std::size_t>(t)][static_cast<std::size_t>(i)];
      EXPECT_EQ(future.result(20s), t + i);
      ids.insert(future.id());
    }
  }
  EXPECT_EQ(ids.size(), std::size_t{kThreads} * kCalls);
}

// semantics 12
TEST(SubmitTest, AfterShutdownSubmitThrows) {
  Daemon daemon;
  Executor executor(daemon.address());
  executor.shutdown();
  try {
    (void)executor.submit(nothing);
    FAIL() << "no error";
  } catch (const ShutdownError& error) {
    EXPECT_STREQ(error.what(), "cannot schedule new futures after shutdown");
  }
}

// semantics 17: the daemon is full and refuses for a while; nothing is lost, and order is kept
TEST(SubmitTest, FullDaemonDelaysCallsAndDropsNone) {
  core::Limits limits;
  limits.max_pending = 600;
  limits.retry_delay = 5ms;
  Daemon daemon(limits);
  Executor executor(daemon.address(), {.max_workers = 1});
  std::vector<Future<std::string>> futures;
  for (int i = 0; i < 3000; ++i) futures.push_back(executor.submit(echo, std::to_string(i)));
  EXPECT_TRUE(wait(futures, {.timeout = 100s}).not_done.empty());
  const std::vector<std::string> order = daemon.echoed();
  ASSERT_EQ(order.size(), futures.size());
  for (std::size_t i = 0; i < order.size(); ++i) EXPECT_EQ(order[i], std::to_string(i));
  EXPECT_EQ(daemon.calls(), 3000);
}

// The SDK says in one message more than the daemon ever holds.
TEST(SubmitTest, DaemonThatHoldsLittleGetsAllCallsInTheirOrder) {
  core::Limits limits;
  limits.max_pending = 10;
  limits.retry_delay = 1ms;
  Daemon daemon(limits);
  Executor executor(daemon.address(), {.max_workers = 1});
  std::vector<std::string> words;
  for (int i = 0; i < 300; ++i) words.push_back(std::to_string(i));
  std::vector<Future<std::string>> futures;
  for (const std::string& word : words) futures.push_back(executor.submit(echo, word));
  EXPECT_TRUE(wait(futures, {.timeout = 100s}).not_done.empty());
  EXPECT_EQ(daemon.echoed(), words);
}

// semantics 18
TEST(SubmitTest, DroppingTheFutureDoesNotCancelTheTask) {
  Daemon daemon;
  {
    Executor executor(daemon.address());
    for (int i = 0; i < 100; ++i) (void)executor.submit(nothing);
  }
  EXPECT_EQ(daemon.calls(), 100);
}

// semantics 69
TEST(SubmitTest, MaxWorkersBoundsWhatRunsAtOnce) {
  Daemon daemon;
  Executor two(daemon.address(), {.max_workers = 2});
  std::vector<Future<std::int64_t>> futures;
  for (int i = 0; i < 10; ++i) futures.push_back(two.submit(pass_gate, i));
  ASSERT_TRUE(daemon.gate.wait_for_arrivals(2));
  Executor another(daemon.address());
  EXPECT_EQ(another.submit(square, 2).result(20s), 4);
  EXPECT_EQ(daemon.gate.arrivals(), 2);
  daemon.gate.open();
}

// semantics 67
TEST(SubmitTest, MaxWorkersBelowOneIsAnError) {
  EXPECT_THROW(Executor("127.0.0.1:1", {.max_workers = 0}), std::invalid_argument);
}

TEST(SubmitTest, NameOfAnExecutorThatIsNoTextIsAnError) {
  EXPECT_THROW(Executor("127.0.0.1:1", {.executor = "caf\xe9"}), std::invalid_argument);
}

TEST(SubmitTest, OptionsOfACallDoNotMixWithItsArguments) {
  Daemon daemon;
  Executor executor(daemon.address());
  EXPECT_EQ(executor.with({.executor = "thread", .timeout = 20s}).submit(add, 1, 2).result(20s), 3);
  const auto late = executor.with({.timeout = 20ms}).submit(wait_for_stop);
  try {
    late.result(20s);
    FAIL() << "no error";
  } catch (const TaskError& error) {
    EXPECT_EQ(error.origin(), ErrorOrigin::kTimeout);
  }
}

TEST(SubmitTest, UnknownExecutorOfACallIsRefused) {
  Daemon daemon;
  Executor executor(daemon.address());
  try {
    (void)executor.with({.executor = "nowhere"}).submit(add, 1, 2).result(20s);
    FAIL() << "no error";
  } catch (const Refused& error) {
    EXPECT_THAT(error.what(), HasSubstr("nowhere"));
    EXPECT_EQ(error.reason(), "EXECUTOR_UNKNOWN");
    EXPECT_EQ(error.field(), "submits.options.executor");
    EXPECT_EQ(error.retry_delay(), 0ms);
  }
}

TEST(SubmitTest, UnknownExecutorOfTheObjectBreaksIt) {
  Daemon daemon;
  Executor executor(daemon.address(), {.executor = "nowhere"});
  const auto future = executor.submit(nothing);
  try {
    future.result(20s);
    FAIL() << "no error";
  } catch (const BrokenExecutor& error) {
    EXPECT_EQ(error.reason(), "EXECUTOR_UNKNOWN");
    EXPECT_EQ(error.field(), "hello.executor");
  }
  // semantics 14
  EXPECT_THROW((void)executor.submit(nothing), BrokenExecutor);
  executor.shutdown();
  EXPECT_THROW((void)executor.submit(nothing), BrokenExecutor);
}

TEST(SubmitTest, EncodedCallsPassThrough) {
  Daemon daemon;
  Executor executor(daemon.address());
  const auto future = executor.submit_encoded<v1::Value>("test.add", encode_arguments(20, 22));
  EXPECT_EQ(future.result(20s).int_value(), 42);
}

// semantics 96
TEST(SubmitTest, LargeValuesPassBothWays) {
  Daemon daemon;
  Executor executor(daemon.address());
  const std::string large(3 << 20, 'x');
  EXPECT_EQ(executor.submit(echo, large).result(20s), large);
}

TEST(SubmitTest, TooLargeArgumentsFailTheirOwnFutureOnly) {
  Daemon daemon;
  Executor executor(daemon.address());
  const auto large = executor.submit(echo, std::string(32 << 20, 'x'));
  const auto small = executor.submit(echo, "small");
  try {
    (void)large.result(20s);
    FAIL() << "no error";
  } catch (const Refused& error) {
    EXPECT_EQ(error.reason(), "ARGUMENTS_TOO_LARGE");
  }
  EXPECT_EQ(small.result(20s), "small");
}

TEST(SubmitTest, TooLargeOptionsFailTheirOwnFutureOnly) {
  Daemon daemon;
  Executor executor(daemon.address());
  const auto large = executor.with({.labels = {{"text", std::string(9 << 20, 'x')}}}).submit(echo, "large");
  const auto small = executor.submit(echo, "small");
  try {
    (void)large.result(20s);
    FAIL() << "no error";
  } catch (const Refused& error) {
    EXPECT_THAT(error.what(), HasSubstr("options"));
  }
  EXPECT_EQ(small.result(20s), "small");
}

}  // namespace
}  // namespace futured::testing
