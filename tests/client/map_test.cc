// Semantics of Executor::map().
#include "futured/map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <forward_list>
#include <future>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/client/daemon.h"
#include "tests/support/eventually.h"

namespace futured::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

// 1, 2, 3, … for ever, or until it throws; notes how far it was read.
class Counting {
 public:
  class Iterator {
   public:
    using value_type = std::int64_t;
    using difference_type = std::ptrdiff_t;
    using iterator_concept = std::input_iterator_tag;

    Iterator() = default;
    explicit Iterator(Counting* owner) : owner_(owner) { read(); }
    std::int64_t operator*() const { return value_; }
    Iterator& operator++() {
      read();
      return *this;
    }
    void operator++(int) { read(); }
    friend bool operator==(const Iterator&, std::default_sentinel_t) { return false; }

   private:
    void read() {
      value_ = ++owner_->read_;
      if (owner_->bad_ == value_) throw std::runtime_error("the input is bad");
    }
    Counting* owner_ = nullptr;
    std::int64_t value_ = 0;
  };

  explicit Counting(std::int64_t bad = 0) : bad_(bad) {}
  Iterator begin() { return Iterator(this); }
  std::default_sentinel_t end() const { return {}; }
  std::int64_t read() const { return read_; }

 private:
  std::int64_t bad_;
  std::int64_t read_ = 0;
};

template <class Results>
auto collect(Results&& results) {
  std::vector<typename std::remove_cvref_t<Results>::Value> values;
  for (const auto& value : results) values.push_back(value);
  return values;
}

class MapTest : public ::testing::Test {
 protected:
  Daemon daemon_;
  Executor executor_{daemon_.address()};
  Executor single_{daemon_.address(), {.max_workers = 1}};

  // Whether the daemon comes to have one unfinished future, the running one: all behind it are cancelled.
  bool comes_to_have_the_running_one_only() {
    return eventually([&] { return daemon_.unfinished() == 1; });
  }

  std::vector<std::int64_t> numbers(int count) {
    std::vector<std::int64_t> list(static_cast<std::size_t>(count));
    std::iota(list.begin(), list.end(), 0);
    return list;
  }
};

// semantics 21, 24, 33
TEST_F(MapTest, SubmitsAllAtTheCallAndYieldsInTheOrderOfTheInput) {
  auto results = executor_.map(square, numbers(500));
  executor_.shutdown();
  EXPECT_EQ(daemon_.calls(), 500);
  std::int64_t i = 0;
  for (const std::int64_t value : results) {
    EXPECT_EQ(value, i * i);
    ++i;
  }
  EXPECT_EQ(i, 500);
}

// semantics 22
TEST_F(MapTest, StopsAtTheShortestRange) {
  const std::forward_list<int> second{10, 20, 30};
  EXPECT_THAT(collect(executor_.map(add, numbers(10), second)), ElementsAre(10, 21, 32));
  EXPECT_THAT(collect(executor_.map(add3, numbers(2), second, numbers(9))), ElementsAre(10, 22));
  EXPECT_THAT(collect(executor_.map(square, std::vector<int>{})), ElementsAre());
}

TEST_F(MapTest, TakesFunctionsByNameAndOnesThatReturnNothing) {
  EXPECT_THAT(collect(executor_.map<std::string>("test.echo", std::vector{"a", "b"})), ElementsAre("a", "b"));
  EXPECT_EQ(collect(executor_.map<void>("test.fail_at", std::vector<int>{})).size(), 0U);
}

// semantics 23
TEST_F(MapTest, ErrorOfTheInputGoesThroughAndEarlierCallsRun) {
  Counting input(101);
  EXPECT_THROW((void)executor_.map(square, input, {.chunksize = 30}), std::runtime_error);
  executor_.shutdown();
  EXPECT_EQ(daemon_.calls(), 100);
}

// semantics 25
TEST_F(MapTest, YieldsAResultAsSoonAsItIsItsTurn) {
  auto results = single_.map(pass_gate_unless_zero, numbers(2));
  auto iterator = results.begin();
  EXPECT_EQ(*iterator, 0);
  daemon_.gate.open();
  EXPECT_EQ(*++iterator, 1);
}

// semantics 26
TEST_F(MapTest, ErrorIsThrownInItsTurnAndEndsTheIteration) {
  const std::vector<std::int64_t> bad(5, 2);
  auto results = executor_.map(fail_at, numbers(5), bad);
  auto iterator = results.begin();
  EXPECT_EQ(*iterator, 0);
  ++iterator;
  EXPECT_EQ(*iterator, 1);
  EXPECT_THROW(++iterator, TaskError);
  EXPECT_TRUE(iterator == results.end());
  EXPECT_TRUE(results.begin() == results.end());
}

// semantics 27
TEST_F(MapTest, ErrorEndsTheIteration) {
  const std::vector<std::int64_t> bad(20, 0);
  auto results = single_.map(fail_at, numbers(20), bad);
  EXPECT_THROW((void)results.begin(), TaskError);
  EXPECT_TRUE(results.begin() == results.end());
}

// semantics 27
TEST_F(MapTest, ErrorCancelsTheRestThatHasNotBegun) {
  auto results = single_.map(fail_if_zero_else_pass_gate, numbers(4));
  // The only worker is inside the second call, and the last two wait behind it.
  ASSERT_TRUE(daemon_.gate.wait_for_arrivals(1));
  EXPECT_THROW((void)results.begin(), TaskError);
  ASSERT_TRUE(comes_to_have_the_running_one_only());
  const auto last = single_.submit(square, 2);
  daemon_.gate.open();
  EXPECT_EQ(last.result(20s), 4);
  EXPECT_EQ(daemon_.calls(), 3) << "the one that failed, the running one, and the last";
}

// semantics 28, 29
TEST_F(MapTest, TimeoutCountsFromTheCallAndCancelsTheRest) {
  auto results = single_.map(pass_gate, numbers(3), {.timeout = 30ms});
  ASSERT_TRUE(daemon_.gate.wait_for_arrivals(1));
  EXPECT_THROW((void)results.begin(), TimeoutError);
  EXPECT_TRUE(results.begin() == results.end());
  ASSERT_TRUE(comes_to_have_the_running_one_only());
  const auto last = single_.submit(square, 2);
  daemon_.gate.open();
  EXPECT_EQ(last.result(20s), 4);
  // The running one, and the last.
  EXPECT_EQ(daemon_.calls(), 2);
}

// semantics 30
TEST_F(MapTest, WithZeroTimeoutResultsThatAreThereAreYielded) {
  auto results = single_.map(square, numbers(3), {.timeout = 0s});
  EXPECT_EQ(single_.submit(square, 5).result(20s), 25);
  EXPECT_THAT(collect(results), ElementsAre(0, 1, 4));
}

// semantics 31
TEST_F(MapTest, LeavingAStartedIterationCancelsTheRest) {
  for (const auto value : single_.map(pass_gate_unless_zero, numbers(100))) {
    EXPECT_EQ(value, 0);
    ASSERT_TRUE(daemon_.gate.wait_for_arrivals(1));
    break;
  }
  ASSERT_TRUE(comes_to_have_the_running_one_only());
  const auto last = single_.submit(square, 2);
  daemon_.gate.open();
  EXPECT_EQ(last.result(20s), 4);
  // Zero, the one that was running, and the last.
  EXPECT_EQ(daemon_.calls(), 3);
}

// semantics 32
TEST_F(MapTest, DroppingAnIterationNeverStartedCancelsNothing) {
  { auto results = executor_.map(square, numbers(200)); }
  executor_.shutdown();
  EXPECT_EQ(daemon_.calls(), 200);
}

// semantics 33
TEST_F(MapTest, AfterShutdownOnlyAnEmptyInputIsFine) {
  executor_.shutdown();
  EXPECT_THAT(collect(executor_.map(square, numbers(0))), ElementsAre());
  EXPECT_THROW((void)executor_.map(square, numbers(1)), ShutdownError);
}

// semantics 34, 40
TEST_F(MapTest, OptionsOutOfRangeAreErrorsOfTheCall) {
  EXPECT_THROW((void)executor_.map(square, numbers(0), {.chunksize = 0}), std::invalid_argument);
  EXPECT_THROW((void)executor_.map(square, numbers(0), {.chunksize = -1}), std::invalid_argument);
  EXPECT_THROW((void)executor_.map(square, numbers(0), {.buffersize = 0}), std::invalid_argument);
  EXPECT_THROW((void)executor_.map(square, numbers(0), {.buffersize = -2}), std::invalid_argument);
}

// semantics 35, 45
TEST_F(MapTest, ItemsOfAChunkFailAlone) {
  const std::vector<std::int64_t> bad(10, 5);
  auto results = executor_.map(fail_at, numbers(10), bad, {.chunksize = 10});
  std::vector<std::int64_t> values;
  EXPECT_THROW(
      {
        for (const auto value : results) values.push_back(value);
      },
      TaskError);
  EXPECT_THAT(values, ElementsAre(0, 1, 2, 3, 4));
}

// semantics 17
TEST_F(MapTest, ChunkBeyondTheBytesThatMayBeUnacceptedIsSentInParts) {
  Executor narrow(daemon_.address(), {.max_unaccepted_bytes = 1000});
  const std::vector<std::string> texts(20, std::string(400, 'x'));
  auto echoed = std::async(std::launch::async, [&] { return collect(narrow.map(echo, texts, {.chunksize = 10})); });
  const bool in_time = echoed.wait_for(20s) == std::future_status::ready;
  narrow.shutdown(false);
  ASSERT_TRUE(in_time);
  EXPECT_EQ(echoed.get(), texts);
}

// semantics 39
TEST_F(MapTest, BuffersizeKeepsThatManyCallsAhead) {
  Counting input;
  auto results = executor_.map(square, input, {.buffersize = 5});
  EXPECT_EQ(input.read(), 5);
  auto iterator = results.begin();
  EXPECT_EQ(input.read(), 6);
  EXPECT_EQ(*iterator, 1);
  ++iterator;
  EXPECT_EQ(input.read(), 7);
  EXPECT_EQ(*iterator, 4);
}

// semantics 41
TEST_F(MapTest, BuffersizeTakesEndlessInput) {
  std::int64_t expected = 1;
  for (const auto value : executor_.map(square, Counting(), {.buffersize = 10})) {
    EXPECT_EQ(value, expected * expected);
    if (++expected == 300) break;
  }
  EXPECT_EQ(expected, 300);
}

// semantics 39: the input ends within, and after, the buffer
TEST_F(MapTest, BuffersizeYieldsAllOfAFiniteInput) {
  EXPECT_THAT(collect(executor_.map(square, numbers(3), {.buffersize = 10})), ElementsAre(0, 1, 4));
  EXPECT_THAT(collect(executor_.map(square, numbers(3), {.buffersize = 3})), ElementsAre(0, 1, 4));
  EXPECT_THAT(collect(executor_.map(square, numbers(3), {.buffersize = 1})), ElementsAre(0, 1, 4));
}

// semantics 42, 43: the buffer is yielded, then the error is thrown
TEST_F(MapTest, ShutdownDuringABufferedIterationLosesNothingSilently) {
  std::vector<std::int64_t> values;
  std::optional<MapResults<std::int64_t>> results;
  {
    Executor executor(daemon_.address());
    results.emplace(executor.map(square, Counting(), {.buffersize = 3}));
  }
  EXPECT_THROW(
      {
        for (const auto value : *results) values.push_back(value);
      },
      ShutdownError);
  EXPECT_THAT(values, ElementsAre(1, 4, 9));
}

}  // namespace
}  // namespace futured::testing
