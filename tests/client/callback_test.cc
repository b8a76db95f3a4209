// Semantics of done callbacks, and co_await.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <future>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include "futured/async.h"
#include "tests/client/daemon.h"

namespace futured::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

class CallbackTest : public ::testing::Test {
 protected:
  Daemon daemon_;
  std::atomic<int> reported_ = 0;
  Executor executor_{daemon_.address(), {.max_workers = 1, .on_callback_error = [this](auto) { ++reported_; }}};
};

// semantics 128, 134
TEST_F(CallbackTest, IsCalledOnceWithTheDoneFuture) {
  std::atomic<int> calls = 0;
  const auto gated = executor_.submit(pass_gate, 3);
  gated.add_done_callback([&](const Future<std::int64_t>& future) {
    EXPECT_EQ(future, gated);
    EXPECT_EQ(future.result(0s), 3);
    ++calls;
  });
  EXPECT_EQ(calls, 0);
  daemon_.gate.open();
  executor_.shutdown();
  EXPECT_EQ(calls, 1);
}

// semantics 128
TEST_F(CallbackTest, IsCalledForFailedAndCancelledOnes) {
  std::atomic<int> calls = 0;
  const auto gated = executor_.submit(pass_gate, 3);
  ASSERT_TRUE(daemon_.gate.wait_for_arrivals(1));
  const auto failed = executor_.submit(fail, "x");
  const auto cancelled = executor_.submit(square, 3);
  failed.add_done_callback([&](const Future<void>& future) {
    EXPECT_NE(future.exception(), nullptr);
    ++calls;
  });
  cancelled.add_done_callback([&](const Future<std::int64_t>& future) {
    EXPECT_TRUE(future.cancelled());
    ++calls;
  });
  EXPECT_TRUE(cancelled.cancel());
  daemon_.gate.open();
  executor_.shutdown();
  EXPECT_EQ(calls, 2);
}

// semantics 129
TEST_F(CallbackTest, AreCalledInTheOrderOfAddingByOneThread) {
  std::vector<int> order;
  std::vector<std::thread::id> threads;
  const auto gated = executor_.submit(pass_gate, 3);
  const auto note = [&](int number) {
    return [&, number](const auto&) {
      order.push_back(number);
      threads.push_back(std::this_thread::get_id());
    };
  };
  for (const int number : {1, 2, 2, 3}) gated.add_done_callback(note(number));
  daemon_.gate.open();
  executor_.shutdown();
  EXPECT_THAT(order, ElementsAre(1, 2, 2, 3));
  EXPECT_THAT(threads, ::testing::Each(threads.front()));
  EXPECT_NE(threads.front(), std::this_thread::get_id());
}

// semantics 130
TEST_F(CallbackTest, AddedToADoneFutureIsCalledAtOnceInThisThread) {
  const auto future = executor_.submit(square, 3);
  (void)future.result(20s);
  std::thread::id thread;
  future.add_done_callback([&](const auto&) { thread = std::this_thread::get_id(); });
  EXPECT_EQ(thread, std::this_thread::get_id());
}

// semantics 131
TEST_F(CallbackTest, MayBlockWithoutStoppingDelivery) {
  std::promise<std::int64_t> seen;
  const auto gated = executor_.submit(pass_gate, 3);
  gated.add_done_callback([&](const auto&) { seen.set_value(executor_.submit(square, 5).result(20s)); });
  daemon_.gate.open();
  EXPECT_EQ(seen.get_future().get(), 25);
}

// semantics 132, 133
TEST_F(CallbackTest, WhatItThrowsIsReportedAndTheNextOneIsCalled) {
  std::atomic<int> calls = 0;
  const auto gated = executor_.submit(pass_gate, 3);
  gated.add_done_callback([](const auto&) { throw std::runtime_error("from a callback"); });
  gated.add_done_callback([](const auto&) { throw 5; });
  gated.add_done_callback([&](const auto&) { ++calls; });
  daemon_.gate.open();
  executor_.shutdown();
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(reported_, 2);
  gated.add_done_callback([](const auto&) { throw std::runtime_error("at once"); });
  EXPECT_EQ(reported_, 3);
}

// semantics 135
TEST_F(CallbackTest, AddedWithinACallbackIsCalledAtOnceBeforeLaterOnes) {
  std::vector<int> order;
  const auto gated = executor_.submit(pass_gate, 3);
  gated.add_done_callback([&](const Future<std::int64_t>& future) {
    order.push_back(1);
    future.add_done_callback([&](const auto&) { order.push_back(2); });
    order.push_back(3);
  });
  gated.add_done_callback([&](const auto&) { order.push_back(4); });
  daemon_.gate.open();
  executor_.shutdown();
  EXPECT_THAT(order, ElementsAre(1, 2, 3, 4));
}

// semantics 136
TEST_F(CallbackTest, DoesNotDelayWaiters) {
  std::promise<void> release;
  const auto gated = executor_.submit(pass_gate, 3);
  gated.add_done_callback([&, released = release.get_future().share()](const auto&) { released.wait_for(20s); });
  daemon_.gate.open();
  EXPECT_EQ(gated.result(20s), 3);
  EXPECT_EQ(wait(std::vector{gated}, {.timeout = 20s}).done.size(), 1U);
  for (auto& future : as_completed(std::vector{gated}, 20s)) EXPECT_TRUE(future.done());
  release.set_value();
}

// semantics 137
TEST_F(CallbackTest, IsDroppedOnceCalled) {
  const auto held = std::make_shared<int>(1);
  const auto gated = executor_.submit(pass_gate, 3);
  gated.add_done_callback([held](const auto&) {});
  EXPECT_EQ(held.use_count(), 2);
  daemon_.gate.open();
  executor_.shutdown();
  EXPECT_EQ(held.use_count(), 1);
}

// semantics 57
TEST_F(CallbackTest, MayShutItsExecutorDown) {
  std::atomic<bool> shut_down = false;
  const auto gated = executor_.submit(pass_gate, 3);
  const auto last = executor_.submit(square, 2);
  gated.add_done_callback([&](const auto&) {
    executor_.shutdown();
    shut_down = true;
  });
  daemon_.gate.open();
  executor_.shutdown();
  EXPECT_TRUE(shut_down);
  EXPECT_EQ(last.result(0s), 4);
}

TEST_F(CallbackTest, MayDestroyAnExecutor) {
  auto executor = std::make_unique<Executor>(daemon_.address());
  std::promise<void> destroyed;
  const auto gated = executor->submit(pass_gate, 3);
  gated.add_done_callback([&](const auto&) {
    executor.reset();
    destroyed.set_value();
  });
  daemon_.gate.open();
  EXPECT_EQ(destroyed.get_future().wait_for(20s), std::future_status::ready);
  EXPECT_EQ(gated.result(0s), 3);
}

TEST_F(CallbackTest, CoroutineAwaitsResults) {
  boost::asio::io_context context;
  std::int64_t sum = 0;
  boost::asio::co_spawn(
      context,
      [&]() -> boost::asio::awaitable<void> {
        const auto gated = executor_.submit(pass_gate, 3);
        daemon_.gate.open();
        sum += co_await gated.async_result(boost::asio::use_awaitable);
        sum += co_await gated.async_result(boost::asio::use_awaitable);
        co_await executor_.submit(nothing).async_result(boost::asio::use_awaitable);
        EXPECT_TRUE(context.get_executor().running_in_this_thread());
      },
      boost::asio::detached);
  context.run_for(20s);
  EXPECT_EQ(sum, 6);
}

TEST_F(CallbackTest, CoroutineSeesErrorsAsExceptions) {
  boost::asio::io_context context;
  bool caught = false;
  boost::asio::co_spawn(
      context,
      [&]() -> boost::asio::awaitable<void> {
        try {
          co_await executor_.submit(fail, "x").async_result(boost::asio::use_awaitable);
        } catch (const TaskError& error) {
          caught = error.message() == "x";
        }
      },
      boost::asio::detached);
  context.run_for(20s);
  EXPECT_TRUE(caught);
}

}  // namespace
}  // namespace futured::testing
