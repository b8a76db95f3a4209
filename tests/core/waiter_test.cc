#include "server/core/waiter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "server/store/memory_store.h"
#include "tests/support/manual_executor.h"
#include "tests/support/manual_time.h"

namespace futured::core {
namespace {

using ::testing::HasSubstr;
using testing::ManualExecutor;
using testing::ManualTime;

using namespace std::chrono_literals;

// A store whose records become safe when the test says so.
class SlowStore final : public Store {
 public:
  bool wants_transitions() const override { return true; }
  void append(std::vector<Transition>, std::function<void()> when_durable) override {
    waiting_.push_back(std::move(when_durable));
  }
  void commit() {
    for (const auto& when_durable : std::exchange(waiting_, {})) when_durable();
  }

 private:
  std::vector<std::function<void()>> waiting_;
};

class WaiterTest : public ::testing::Test {
 protected:
  // Creates `count` tasks, which run at once.
  std::vector<FutureId> submit(std::size_t count) {
    std::vector<FutureId> ids;
    std::vector<NewTask> tasks;
    for (std::size_t i = 0; i < count; ++i) {
      ids.push_back(ids_.next());
      tasks.push_back({ids.back(), Bytes("arguments"), i});
    }
    TaskGroup group;
    group.function = "task";
    group.tasks = tasks;
    EXPECT_TRUE(table_.create({&group, 1}, kNoSubscriber, nullptr));
    return ids;
  }
  std::shared_ptr<Waiter> open(Waiter::Options options, std::size_t count) {
    auto waiter = Waiter::open({table_, time_, time_}, kDaemonAccount, options, count,
                               [this](const Result<Waiter::Ending>& ending) {
                                 ++endings_;
                                 ending_ = ending;
                               });
    EXPECT_TRUE(waiter);
    return *waiter;
  }
  std::shared_ptr<Waiter> watch(Waiter::Options options, const std::vector<FutureId>& ids) {
    auto waiter = open(options, ids.size());
    EXPECT_TRUE(waiter->watch(ids));
    return waiter;
  }
  void succeed(FutureId id) { EXPECT_TRUE(executor_.finish(id, Outcome::succeeded(Bytes("value")))); }
  void fail(FutureId id) {
    EXPECT_TRUE(executor_.finish(id, Outcome::failed({Origin::kTask, "E", "no", "", {}, 1, ""})));
  }
  bool ended() const { return endings_ > 0; }
  void expect_ended(Waiter::Ending ending) {
    EXPECT_EQ(endings_, 1);
    ASSERT_TRUE(ending_ && *ending_);
    EXPECT_EQ(**ending_, ending);
    expect_nothing_left();
  }
  void expect_nothing_left() {
    EXPECT_EQ(table_.stats().subscribers, 0u);
    EXPECT_EQ(table_.stats().watches, 0u);
  }

  ManualTime time_;
  store::MemoryStore store_;
  FutureTable table_{{time_, time_, store_}, {}};
  ManualExecutor executor_{table_, time_};
  IdSource ids_{random_session_id()};
  int endings_ = 0;
  std::optional<Result<Waiter::Ending>> ending_;
};

TEST_F(WaiterTest, AllCompletedEndsWithTheLast) {
  const auto ids = submit(3);
  const auto waiter = watch({}, ids);
  succeed(ids[2]);
  fail(ids[0]);
  EXPECT_FALSE(ended());
  succeed(ids[1]);
  expect_ended(Waiter::Ending::kReady);
  EXPECT_EQ(waiter->outcomes()[0].state, State::kFailed);
  EXPECT_EQ(waiter->outcomes()[1].value.view(), "value");
}

// semantics 168
TEST_F(WaiterTest, FirstCompletedEndsWithAnyEnd) {
  const auto ids = submit(3);
  const auto waiter = watch({ReturnWhen::kFirstCompleted, {}}, ids);
  EXPECT_FALSE(ended());
  table_.cancel(kDaemonAccount, {&ids[1], 1}, CancelMode::kCooperative);
  EXPECT_TRUE(executor_.was_asked_to_stop(ids[1]));
  EXPECT_TRUE(executor_.finish(ids[1], Outcome::cancelled()));
  expect_ended(Waiter::Ending::kReady);
  EXPECT_EQ(waiter->outcomes()[1].state, State::kCancelled);
}

TEST_F(WaiterTest, FirstExceptionEndsWithAFailure) {
  const auto ids = submit(3);
  watch({ReturnWhen::kFirstException, {}}, ids);
  succeed(ids[0]);
  EXPECT_FALSE(ended());
  fail(ids[2]);
  expect_ended(Waiter::Ending::kReady);
}

// semantics 170
TEST_F(WaiterTest, AnEarlierFailureEndsFirstExceptionAtOnceAndAnEarlierCancelDoesNot) {
  const auto ids = submit(3);
  fail(ids[0]);
  EXPECT_TRUE(executor_.finish(ids[1], Outcome::cancelled()));
  watch({ReturnWhen::kFirstException, {}}, {ids[0], ids[2]});
  expect_ended(Waiter::Ending::kReady);
  const auto waiter = watch({ReturnWhen::kFirstException, {}}, {ids[1], ids[2]});
  EXPECT_EQ(endings_, 1);
  waiter->abort({Reason::kCallerGone, "", {}});
}

// semantics 169
TEST_F(WaiterTest, FirstExceptionTakesNoCancelForAFailure) {
  const auto ids = submit(2);
  watch({ReturnWhen::kFirstException, {}}, ids);
  EXPECT_TRUE(executor_.finish(ids[0], Outcome::cancelled()));
  EXPECT_FALSE(ended());
  succeed(ids[1]);
  expect_ended(Waiter::Ending::kReady);
}

TEST_F(WaiterTest, FinishedFuturesEndItBeforeWatchReturns) {
  const auto ids = submit(2);
  succeed(ids[0]);
  succeed(ids[1]);
  watch({ReturnWhen::kAllCompleted, 0s}, ids);
  expect_ended(Waiter::Ending::kReady);
  EXPECT_EQ(time_.scheduled(), 1u) << "the tick of the table alone";
}

TEST_F(WaiterTest, TheTimeoutEndsIt) {
  const auto ids = submit(2);
  const auto waiter = watch({ReturnWhen::kAllCompleted, 5s}, ids);
  succeed(ids[0]);
  time_.advance(4999ms);
  EXPECT_FALSE(ended());
  time_.advance(1ms);
  expect_ended(Waiter::Ending::kTimeUp);
  EXPECT_EQ(waiter->outcomes()[0].state, State::kSucceeded);
  EXPECT_EQ(waiter->outcomes()[1].state, State::kRunning);
}

TEST_F(WaiterTest, ATimeoutOfZeroIsOneLook) {
  const auto ids = submit(1);
  watch({ReturnWhen::kAllCompleted, 0s}, ids);
  expect_ended(Waiter::Ending::kTimeUp);
}

TEST_F(WaiterTest, AnEndTakesTheTimerAlong) {
  const auto ids = submit(1);
  const auto before = time_.scheduled();
  const std::weak_ptr<Waiter> waiter = watch({ReturnWhen::kAllCompleted, 5s}, ids);
  EXPECT_EQ(time_.scheduled(), before + 1);
  succeed(ids[0]);
  expect_ended(Waiter::Ending::kReady);
  EXPECT_TRUE(waiter.expired());
  time_.advance(10s);
  EXPECT_EQ(endings_, 1);
}

TEST_F(WaiterTest, AbortEndsItWithTheReason) {
  const auto ids = submit(1);
  const auto waiter = watch({}, ids);
  waiter->abort({Reason::kDaemonStopping, "going away", {}});
  waiter->abort({Reason::kCallerGone, "too late", {}});
  EXPECT_EQ(endings_, 1);
  ASSERT_FALSE(*ending_);
  EXPECT_EQ(ending_->error().message, "going away");
  expect_nothing_left();
  succeed(ids[0]);
  EXPECT_EQ(endings_, 1);
}

TEST_F(WaiterTest, AnAbortBeforeItStartsEndsItUnlessEverythingHasFinished) {
  const auto ids = submit(2);
  succeed(ids[0]);
  const auto finished = open({}, 1);
  finished->abort({Reason::kDaemonStopping, "going away", {}});
  EXPECT_FALSE(ended());
  EXPECT_TRUE(finished->watch({&ids[0], 1}));
  expect_ended(Waiter::Ending::kReady);

  const auto unfinished = open({}, 1);
  unfinished->abort({Reason::kDaemonStopping, "going away", {}});
  EXPECT_TRUE(unfinished->watch({&ids[1], 1}));
  EXPECT_EQ(endings_, 2);
  EXPECT_FALSE(*ending_);
  expect_nothing_left();
}

TEST_F(WaiterTest, AnUnknownFutureIsRefusedWithoutACall) {
  auto ids = submit(1);
  ids.push_back(ids_.next());
  const auto waiter = open({}, 2);
  const auto watched = waiter->watch(ids);
  ASSERT_FALSE(watched);
  EXPECT_EQ(watched.error().reason, Reason::kFutureUnknown);
  EXPECT_THAT(watched.error().message, HasSubstr(to_string(ids[1])));
  waiter->abort({Reason::kCallerGone, "", {}});
  succeed(ids[0]);
  EXPECT_FALSE(ended());
  expect_nothing_left();
}

TEST_F(WaiterTest, TooManyAreRefused) {
  FutureTable small({time_, time_, store_}, {.max_subscribers = 1});
  const auto first = Waiter::open({small, time_, time_}, kDaemonAccount, {}, 1, nullptr);
  ASSERT_TRUE(first);
  const auto second = Waiter::open({small, time_, time_}, kDaemonAccount, {}, 1, nullptr);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().reason, Reason::kTooManyWaiters);
  EXPECT_GT(second.error().retry_delay.count(), 0);
}

TEST_F(WaiterTest, WithoutOutcomesOnlyStatesAreKept) {
  const auto ids = submit(1);
  const auto waiter = watch({ReturnWhen::kAllCompleted, {}, 0}, ids);
  succeed(ids[0]);
  expect_ended(Waiter::Ending::kReady);
  EXPECT_EQ(waiter->outcomes()[0].state, State::kSucceeded);
  EXPECT_EQ(waiter->outcomes()[0].value.size(), 0u);
  EXPECT_TRUE(waiter->is_left_out(0));
}

TEST_F(WaiterTest, OutcomesAreKeptUpToALimitInTheOrderInWhichTheyCome) {
  const auto ids = submit(4);
  // Two values of five bytes.
  const auto waiter = watch({ReturnWhen::kAllCompleted, {}, 11}, ids);
  for (const std::size_t i : {2U, 0U, 3U, 1U}) succeed(ids[i]);
  expect_ended(Waiter::Ending::kReady);
  for (const std::size_t i : {0U, 2U}) EXPECT_EQ(waiter->outcomes()[i].value.view(), "value") << i;
  for (const std::size_t i : {1U, 3U}) {
    EXPECT_TRUE(waiter->is_left_out(i)) << i;
    EXPECT_EQ(waiter->outcomes()[i].state, State::kSucceeded) << i;
    EXPECT_EQ(waiter->outcomes()[i].value.size(), 0U) << i;
  }
}

TEST_F(WaiterTest, TheFirstOutcomeMayBeLargerThanTheLimit) {
  const auto ids = submit(2);
  const auto waiter = watch({ReturnWhen::kAllCompleted, {}, 1}, ids);
  for (const FutureId id : ids) succeed(id);
  EXPECT_EQ(waiter->outcomes()[0].value.view(), "value");
  EXPECT_TRUE(waiter->is_left_out(1));
}

TEST_F(WaiterTest, SubmittedTasksAreWaitedForOnceTheyAreDurable) {
  SlowStore slow;
  FutureTable table({time_, time_, slow}, {});
  ManualExecutor executor(table, time_);
  std::optional<Result<Waiter::Ending>> ending;
  auto waiter = Waiter::open({table, time_, time_}, kDaemonAccount, {ReturnWhen::kAllCompleted, 5s}, 1,
                             [&](const Result<Waiter::Ending>& ended) { ending = ended; });
  ASSERT_TRUE(waiter);
  NewTask task{ids_.next(), Bytes("arguments")};
  TaskGroup group;
  group.function = "task";
  group.tasks = {&task, 1};
  ASSERT_TRUE((*waiter)->submit({&group, 1}));
  time_.advance(6s);
  EXPECT_FALSE(ending) << "the time is up, but the task is not safe yet";
  slow.commit();
  ASSERT_TRUE(ending && *ending);
  EXPECT_EQ(**ending, Waiter::Ending::kTimeUp);
}

TEST_F(WaiterTest, ARefusedSubmitNeverCallsBack) {
  table_.drain_all();
  const auto waiter = open({}, 1);
  NewTask task{ids_.next(), Bytes("arguments")};
  TaskGroup group;
  group.function = "task";
  group.tasks = {&task, 1};
  const auto submitted = waiter->submit({&group, 1});
  ASSERT_FALSE(submitted);
  EXPECT_EQ(submitted.error().reason, Reason::kDaemonDraining);
  EXPECT_FALSE(ended());
  expect_nothing_left();
}

// Finish, timeout and abort race from three threads; the callback may come from any of them, once.
TEST_F(WaiterTest, RacingEndsCallBackOnce) {
  constexpr int kRounds = 2000;
  std::atomic<int> calls = 0;
  for (int round = 0; round < kRounds; ++round) {
    const auto ids = submit(2);
    auto waiter = Waiter::open({table_, time_, time_}, kDaemonAccount, {ReturnWhen::kAllCompleted, 1ms}, 2,
                               [&](const Result<Waiter::Ending>&) { ++calls; });
    ASSERT_TRUE(waiter);
    std::thread finisher([&] {
      for (const FutureId id : ids) executor_.finish(id, Outcome::succeeded(Bytes("value")));
    });
    std::thread canceller([&] { (*waiter)->abort({Reason::kCallerGone, "gave up", {}}); });
    EXPECT_TRUE((*waiter)->watch(ids));
    time_.advance(1ms);
    finisher.join();
    canceller.join();
    ASSERT_EQ(calls, round + 1);
  }
  expect_nothing_left();
}

}  // namespace
}  // namespace futured::core
