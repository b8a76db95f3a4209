// Semantics of wait() and as_completed().
#include "futured/wait.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/client/daemon.h"

namespace futured {
namespace testing {

// A result that is counted while it lives.
struct Tracked {
  Tracked() { ++alive; }
  Tracked(const Tracked&) { ++alive; }
  ~Tracked() { --alive; }
  Tracked& operator=(const Tracked&) = default;
  static inline int alive = 0;
};

}  // namespace testing

template <>
struct Codec<testing::Tracked> {
  static testing::Tracked decode(const v1::Value&) { return {}; }
};

}  // namespace futured

namespace futured::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

using Number = Future<std::int64_t>;

class WaitTest : public ::testing::Test {
 protected:
  Number finished(std::int64_t n) {
    auto future = executor_.submit(square, n);
    (void)future.result(20s);
    return future;
  }
  Number failed() {
    auto future = executor_.submit(fail_at, 1, 1);
    EXPECT_NE(future.exception(20s), nullptr);
    return future;
  }
  // Runs until the gate is opened.
  Number unfinished() { return executor_.submit(pass_gate, 0); }
  // Occupies the executor's only worker.
  Number cancelled() {
    auto busy = single_.submit(pass_gate, 0);
    EXPECT_TRUE(daemon_.gate.wait_for_arrivals(1));
    auto future = single_.submit(square, 1);
    EXPECT_TRUE(future.cancel());
    return future;
  }

  Daemon daemon_;
  Executor executor_{daemon_.address()};
  Executor single_{daemon_.address(), {.max_workers = 1}};
};

// semantics 166, 168, 175
TEST_F(WaitTest, AllCompletedWaitsForAll) {
  const auto gated = unfinished();
  std::vector<Number> futures{gated, finished(2), finished(3)};
  std::thread opener([this] { daemon_.gate.open(); });
  const auto [done, not_done] = wait(futures, {.timeout = 20s});
  opener.join();
  EXPECT_EQ(done, futures);
  EXPECT_THAT(not_done, IsEmpty());
}

// semantics 167
TEST_F(WaitTest, TakesAnyRangeAndCountsDuplicatesOnce) {
  const auto one = finished(1);
  const auto two = finished(2);
  EXPECT_THAT(wait(std::vector{one, two, one}).done, ElementsAre(one, two));
  EXPECT_EQ(wait(std::set{one, two}).done.size(), 2U);
  EXPECT_THAT(wait(std::list{two, one, two}).done, ElementsAre(two, one));
}

// semantics 168, 171
TEST_F(WaitTest, FirstCompletedReturnsWithThoseDone) {
  const auto gated = unfinished();
  const auto one = finished(1);
  const auto [done, not_done] = wait(std::vector{gated, one}, {.timeout = 20s, .return_when = FIRST_COMPLETED});
  EXPECT_THAT(done, ElementsAre(one));
  EXPECT_THAT(not_done, ElementsAre(gated));
  daemon_.gate.open();
  const auto later = wait(not_done, {.timeout = 20s, .return_when = FIRST_COMPLETED});
  EXPECT_THAT(later.done, ElementsAre(gated));
}

// semantics 169, 170
TEST_F(WaitTest, FirstExceptionReturnsAtAFailureOnly) {
  const auto gated = unfinished();
  const auto stopped = cancelled();
  const auto options = WaitOptions{.timeout = 20ms, .return_when = FIRST_EXCEPTION};
  EXPECT_THAT(wait(std::vector{gated, stopped, finished(1)}, options).not_done, ElementsAre(gated));
  const auto bad = failed();
  EXPECT_THAT(wait(std::vector{gated, bad}, {.timeout = 20s, .return_when = FIRST_EXCEPTION}).done, ElementsAre(bad));
  const auto late = executor_.submit(fail_at, 2, 2);
  EXPECT_THAT(wait(std::vector{gated, late}, {.timeout = 20s, .return_when = FIRST_EXCEPTION}).done, ElementsAre(late));
  daemon_.gate.open();
}

// semantics 169
TEST_F(WaitTest, FirstExceptionWithoutOneWaitsForAll) {
  const std::vector futures{finished(1), executor_.submit(square, 2), executor_.submit(square, 3)};
  EXPECT_EQ(wait(futures, {.timeout = 20s, .return_when = FIRST_EXCEPTION}).done, futures);
}

// semantics 173
TEST_F(WaitTest, TimeRunningOutIsNoError) {
  const auto gated = unfinished();
  for (const Timeout timeout : {Timeout(0s), Timeout(-1s), Timeout(5ms)}) {
    const auto [done, not_done] = wait(std::vector{gated, finished(1)}, {.timeout = timeout});
    EXPECT_EQ(done.size(), 1U);
    EXPECT_THAT(not_done, ElementsAre(gated));
  }
  daemon_.gate.open();
}

// semantics 174
TEST_F(WaitTest, EmptyInputReturnsAtOnceAndABadConditionIsAnErrorElse) {
  const auto bad = static_cast<ReturnWhen>(17);
  EXPECT_THAT(wait(std::vector<Number>{}, {.return_when = bad}).done, IsEmpty());
  EXPECT_THROW((void)wait(std::vector{finished(1)}, {.return_when = bad}), std::invalid_argument);
}

// semantics 176
TEST_F(WaitTest, FailedOnesAreSimplyDone) {
  EXPECT_EQ(wait(std::vector{failed(), failed()}, {.timeout = 20s}).done.size(), 2U);
}

// semantics 177
TEST_F(WaitTest, FuturesOfSeveralExecutorsMix) {
  const auto gated = unfinished();
  std::vector futures{single_.submit(square, 2), executor_.submit(square, 3), single_.submit(square, 4)};
  EXPECT_EQ(wait(futures, {.timeout = 20s}).done.size(), 3U);
  futures.push_back(gated);
  const auto [done, not_done] = wait(futures, {.timeout = 1ms});
  EXPECT_THAT(not_done, ElementsAre(gated));
  std::vector<std::int64_t> values;
  daemon_.gate.open();
  for (auto& future : as_completed(futures, 20s)) values.push_back(future.result());
  EXPECT_THAT(values, UnorderedElementsAre(4, 9, 16, 0));
}

// semantics 178, 190
TEST_F(WaitTest, ManyThreadsWaitForTheSameFutures) {
  std::vector<Number> futures;
  for (int i = 0; i < 50; ++i) futures.push_back(executor_.submit(pass_gate, i));
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] { EXPECT_EQ(wait(futures, {.timeout = 20s}).done.size(), 50U); });
    threads.emplace_back([&] {
      std::set<std::int64_t> values;
      for (auto& future : as_completed(futures, 20s)) values.insert(future.result());
      EXPECT_EQ(values.size(), 50U);
    });
  }
  daemon_.gate.open();
  for (auto& thread : threads) thread.join();
}

// semantics 179, 193
TEST_F(WaitTest, CompletionsDuringRegistrationAreNotLost) {
  for (int round = 0; round < 300; ++round) {
    const std::vector futures{executor_.submit(square, 1), executor_.submit(square, 2), executor_.submit(square, 3)};
    if (round % 2 == 0) {
      EXPECT_EQ(wait(futures, {.timeout = 20s}).done.size(), 3U);
    } else {
      int count = 0;
      for (auto& future : as_completed(futures, 20s)) count += future.done() ? 1 : 0;
      EXPECT_EQ(count, 3);
    }
  }
}

// semantics 180, 181
TEST_F(WaitTest, AsCompletedYieldsDoneOnesFirstAndEachOnce) {
  const auto gated = unfinished();
  const auto one = finished(1);
  std::vector<Number> order;
  for (auto& future : as_completed(std::vector{gated, one, gated, one}, 20s)) {
    order.push_back(future);
    daemon_.gate.open();
  }
  EXPECT_THAT(order, ElementsAre(one, gated));
}

// semantics 182
TEST_F(WaitTest, AsCompletedReadsTheFuturesAndStartsTheClockAtBegin) {
  std::vector<Number> futures;
  auto completed = as_completed(futures, 0s);
  futures.push_back(finished(1));
  int count = 0;
  for (auto& future : completed) count += future.done() ? 1 : 0;
  EXPECT_EQ(count, 1);
}

// semantics 183, 185
TEST_F(WaitTest, AsCompletedTellsHowManyAreUnfinishedWhenTimeIsUp) {
  const auto gated = unfinished();
  const std::vector futures{gated, finished(1), finished(2)};
  auto completed = as_completed(futures, 10ms);
  int count = 0;
  try {
    for (auto& future : completed) count += future.done() ? 1 : 0;
    FAIL() << "no error";
  } catch (const TimeoutError& error) {
    EXPECT_STREQ(error.what(), "1 (of 3) futures unfinished");
  }
  EXPECT_EQ(count, 2);
  EXPECT_TRUE(completed.begin() == completed.end());
  EXPECT_FALSE(gated.done());
  daemon_.gate.open();
  for (auto& future : as_completed(futures, 20s)) count += future.done() ? 1 : 0;
  EXPECT_EQ(count, 5);
}

// semantics 184
TEST_F(WaitTest, AsCompletedWithoutTimeYieldsThoseDone) {
  int count = 0;
  for (auto& future : as_completed(std::vector{finished(1), finished(2)}, -1s)) count += future.done() ? 1 : 0;
  EXPECT_EQ(count, 2);
  auto completed = as_completed(std::vector{unfinished()}, 0s);
  EXPECT_THROW((void)completed.begin(), TimeoutError);
  daemon_.gate.open();
}

// semantics 186, 187
TEST_F(WaitTest, AsCompletedYieldsFailedAndCancelledOnes) {
  std::vector<Number> order;
  for (auto& future : as_completed(std::vector{failed(), cancelled()}, 20s)) order.push_back(future);
  EXPECT_EQ(order.size(), 2U);
  daemon_.gate.open();
}

// semantics 188
TEST_F(WaitTest, AsCompletedKeepsNoFutureItHasPassed) {
  std::vector<Future<Tracked>> futures;
  for (int i = 0; i < 5; ++i) futures.push_back(executor_.submit<Tracked>("test.square", i));
  for (auto& future : as_completed(std::move(futures), 20s)) {
    (void)future.result();
    EXPECT_EQ(Tracked::alive, 1);
  }
  EXPECT_EQ(Tracked::alive, 0);
}

// semantics 36, 37
TEST_F(WaitTest, MapKeepsNoResultItHasPassed) {
  for (const auto& value : executor_.map<Tracked>("test.square", std::vector{1, 2, 3})) {
    (void)value;
    EXPECT_EQ(Tracked::alive, 1);
  }
  EXPECT_EQ(Tracked::alive, 0);
}

// semantics 189
TEST_F(WaitTest, LeavingAsCompletedCancelsNothing) {
  const auto gated = unfinished();
  for (auto& future : as_completed(std::vector{finished(1), gated}, 20s)) {
    EXPECT_TRUE(future.done());
    break;
  }
  EXPECT_FALSE(gated.done());
  daemon_.gate.open();
  EXPECT_EQ(gated.result(20s), 0);
}

// semantics 191
TEST_F(WaitTest, AsCompletedOfNothingEndsAtOnce) {
  auto completed = as_completed(std::vector<Number>{}, 0s);
  EXPECT_TRUE(completed.begin() == completed.end());
}

// semantics 192
TEST_F(WaitTest, AsCompletedOfAHundredThousand) {
  std::vector<Future<void>> futures;
  for (int i = 0; i < 100'000; ++i) futures.push_back(executor_.submit(nothing));
  std::size_t count = 0;
  for (auto& future : as_completed(futures, 100s)) {
    future.result();
    ++count;
  }
  EXPECT_EQ(count, futures.size());
}

TEST_F(WaitTest, AsCompletedOfTheKeysOfAMap) {
  std::map<Number, int> place_of;
  for (int i = 0; i < 20; ++i) place_of.emplace(executor_.submit(square, i), i);
  std::set<Number> futures;
  for (const auto& [future, place] : place_of) futures.insert(future);
  for (auto& future : as_completed(futures, 20s)) {
    EXPECT_EQ(future.result(), place_of[future] * place_of[future]);
    place_of.erase(future);
  }
  EXPECT_THAT(place_of, IsEmpty());
}

}  // namespace
}  // namespace futured::testing
