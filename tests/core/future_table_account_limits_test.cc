// What one account may hold at once, and that it holds up nobody else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "server/core/future_table.h"
#include "tests/core/test_table.h"

namespace futured::core {
namespace {

using testing::counters_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::id_of;
using testing::RecordingSubscriber;
using testing::stored_future;
using testing::TestTable;
using namespace std::chrono_literals;

class AccountLimitsTest : public ::testing::Test {
 protected:
  AccountIndex add(const std::string& name, const AccountLimits& limits) {
    return t_.table.add_account({name, name, limits});
  }
  static SessionId session_of(AccountIndex account) { return {std::uint64_t{account} << 32 | 0x8000, 0x8000}; }
  Result<void> submit(AccountIndex account, const std::vector<std::uint64_t>& counters, std::string_view arguments = "",
                      std::shared_ptr<const TaskPolicy> policy = nullptr) {
    return t_.submit(
        counters,
        {.arguments = arguments, .session = session_of(account), .policy = std::move(policy), .account = account});
  }
  // So many, whose counters follow each other.
  Result<void> submit_many(AccountIndex account, std::uint64_t count) {
    std::vector<std::uint64_t> counters(count);
    for (std::uint64_t& counter : counters) counter = ++last_counter_;
    return submit(account, counters);
  }
  // Which tasks the workers that were woken take, of all accounts.
  std::vector<std::uint64_t> take_all() {
    std::vector<std::uint64_t> counters;
    while (t_.executor.woken() > 0) {
      const auto lease = t_.executor.come();
      if (lease == nullptr) continue;
      for (const std::uint64_t counter : counters_of(*lease)) {
        counters.push_back(counter);
        leases_[counter] = lease;
      }
    }
    return counters;
  }
  // What follows when a task that was taken ends.
  std::vector<std::uint64_t> end(std::uint64_t counter) {
    const auto lease = leases_.at(counter);
    t_.executor.begin(*lease, 0);
    t_.executor.end(*lease, 0);
    const auto next = t_.executor.exchange(lease);
    std::vector<std::uint64_t> counters;
    if (next != nullptr) counters = counters_of(*next);
    for (const std::uint64_t followed : counters) leases_[followed] = next;
    const auto woken = take_all();
    counters.insert(counters.end(), woken.begin(), woken.end());
    return counters;
  }

  // Each function that was never called goes alone, so a worker takes one task.
  TestTable t_{{.max_workers = 6}, {.retry_delay = 100ms}};
  std::map<std::uint64_t, std::shared_ptr<Lease>> leases_;
  std::uint64_t last_counter_ = 0;
};

// --- Pending.

TEST_F(AccountLimitsTest, BatchAboveMaxPendingIsRefusedAsAWhole) {
  const AccountIndex ann = add("ann", {.max_pending = 3});
  ASSERT_TRUE(submit(ann, {1, 2}));
  const auto refused = submit(ann, {3, 4});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, Reason::kTooManyPendingOfIdentity);
  EXPECT_EQ(refused.error().retry_delay, 100ms);
  EXPECT_THAT(refused.error().message, HasSubstr("identity \"ann\""));
  EXPECT_THAT(refused.error().message, HasSubstr("3 (max_pending)"));
  EXPECT_EQ(t_.table.accounts()[ann].unfinished, 2U);
  EXPECT_TRUE(submit(ann, {3})) << "for one there is room";
}

TEST_F(AccountLimitsTest, BatchThatExceedsMaxPendingByItselfNeedNotComeAgain) {
  const AccountIndex ann = add("ann", {.max_pending = 3});
  EXPECT_EQ(submit(ann, {1, 2, 3, 4}).error().retry_delay, 0ms);
}

TEST_F(AccountLimitsTest, OneAccountsPendingFuturesAreNoOthers) {
  const AccountIndex ann = add("ann", {.max_pending = 2});
  const AccountIndex ben = add("ben", {.max_pending = 2});
  ASSERT_TRUE(submit(ann, {1, 2}));
  EXPECT_TRUE(submit(ben, {1, 2}));
  EXPECT_TRUE(t_.submit({1, 2, 3}));
}

TEST_F(AccountLimitsTest, RepeatedTaskIsAnsweredHoweverMuchIsPending) {
  const AccountIndex ann = add("ann", {.max_pending = 2, .max_submits_per_second = 2});
  ASSERT_TRUE(submit(ann, {1, 2}));
  EXPECT_TRUE(submit(ann, {1, 2}));
}

TEST_F(AccountLimitsTest, OutcomeThatIsNotReadCountsAsPending) {
  const AccountIndex ann = add("ann", {.max_pending = 1});
  const auto reader = RecordingSubscriber::add(t_.table, ann);
  t_.submit_and_run(1, {.watcher = reader->id(), .session = session_of(ann), .account = ann});
  EXPECT_FALSE(submit(ann, {2}));
  reader->drain(t_.table);
  EXPECT_TRUE(submit(ann, {2}));
}

TEST_F(AccountLimitsTest, BytesOfArgumentsAreLimited) {
  const AccountIndex ann = add("ann", {.max_pending_bytes = 10});
  ASSERT_TRUE(submit(ann, {1}, "123456"));
  const auto refused = submit(ann, {2}, "12345");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, Reason::kTooManyPendingBytesOfIdentity);
  EXPECT_EQ(refused.error().retry_delay, 100ms);
  EXPECT_THAT(refused.error().message, HasSubstr("10 (max_pending_bytes)"));
  EXPECT_EQ(submit(ann, {2}, "12345678901").error().retry_delay, 0ms) << "it never fits";
  EXPECT_TRUE(submit(ann, {2}, "1234"));
}

TEST_F(AccountLimitsTest, RefusalsAreCounted) {
  const AccountIndex ann = add("ann", {.max_pending = 1});
  ASSERT_FALSE(submit(ann, {1, 2}));
  EXPECT_EQ(t_.table.accounts()[ann].refused, 1U);
  EXPECT_EQ(t_.table.stats().refused, 1U);
}

TEST_F(AccountLimitsTest, NewLimitsHoldForWhatComesNext) {
  const AccountIndex ann = add("ann", {.max_pending = 1});
  ASSERT_TRUE(submit(ann, {1}));
  ASSERT_FALSE(submit(ann, {2}));
  add("ann", {});
  EXPECT_TRUE(submit(ann, {2, 3, 4}));
}

// --- Submissions in a second.

TEST_F(AccountLimitsTest, TasksThatComeTooSoonAreRefusedUntilTheyMayCome) {
  const AccountIndex ann = add("ann", {.max_submits_per_second = 10});
  ASSERT_TRUE(submit_many(ann, 10));
  const auto refused = submit_many(ann, 5);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, Reason::kTooManySubmits);
  EXPECT_EQ(refused.error().retry_delay, 500ms);
  EXPECT_THAT(refused.error().message, HasSubstr("10 a second (max_submits_per_second)"));
  t_.time.advance(499ms);
  EXPECT_FALSE(submit_many(ann, 5));
  t_.time.advance(1ms);
  EXPECT_TRUE(submit_many(ann, 5));
}

TEST_F(AccountLimitsTest, NobodyIsToldToWaitLessThanTheUsualDelay) {
  const AccountIndex ann = add("ann", {.max_submits_per_second = 1000});
  ASSERT_TRUE(submit_many(ann, 1000));
  EXPECT_EQ(submit_many(ann, 1).error().retry_delay, 100ms);
}

TEST_F(AccountLimitsTest, BatchAboveTheRateIsTakenOnCreditAndPaidForAfterwards) {
  const AccountIndex ann = add("ann", {.max_submits_per_second = 10});
  ASSERT_TRUE(submit_many(ann, 30));
  EXPECT_EQ(submit_many(ann, 1).error().retry_delay, 2100ms);
  t_.time.advance(2100ms);
  EXPECT_TRUE(submit_many(ann, 1));
}

TEST_F(AccountLimitsTest, WhatAnotherLimitRefusesCostsNoAllowance) {
  const AccountIndex ann = add("ann", {.max_pending = 5, .max_submits_per_second = 5});
  ASSERT_FALSE(submit_many(ann, 6));
  EXPECT_TRUE(submit_many(ann, 5));
}

TEST_F(AccountLimitsTest, OneAccountsRateIsNoOthers) {
  const AccountIndex ann = add("ann", {.max_submits_per_second = 1});
  const AccountIndex ben = add("ben", {.max_submits_per_second = 1});
  ASSERT_TRUE(submit_many(ann, 1));
  EXPECT_TRUE(submit_many(ben, 1));
}

// --- Running.

TEST_F(AccountLimitsTest, MoreThanMaxRunningWaitAndHoldUpNobody) {
  const AccountIndex ann = add("ann", {.max_running = 2});
  const AccountIndex ben = add("ben", {});
  ASSERT_TRUE(submit(ann, {1, 2, 3, 4}));
  ASSERT_TRUE(submit(ben, {11, 12}));
  EXPECT_THAT(take_all(), ElementsAre(1, 2, 11, 12));
  EXPECT_EQ(t_.table.accounts()[ann].running, 2U);
}

TEST_F(AccountLimitsTest, OneThatEndsLetsTheNextOfItsAccountFollow) {
  const AccountIndex ann = add("ann", {.max_running = 1});
  ASSERT_TRUE(submit(ann, {1, 2, 3}));
  EXPECT_THAT(take_all(), ElementsAre(1));
  EXPECT_THAT(end(1), ElementsAre(2));
  EXPECT_THAT(end(2), ElementsAre(3));
}

TEST_F(AccountLimitsTest, SessionsOfAnAccountShareItsLimit) {
  const AccountIndex ann = add("ann", {.max_running = 2});
  const SessionId other{0x2000'0000'0000'8000, 0x8000};
  ASSERT_TRUE(t_.table.open_session(session_of(ann), 1, ann));
  ASSERT_TRUE(t_.table.open_session(other, 5, ann));
  ASSERT_TRUE(submit(ann, {1, 2}));
  ASSERT_TRUE(t_.submit({11, 12, 13}, {.session = other, .account = ann}));
  EXPECT_THAT(take_all(), ElementsAre(1, 11));
  EXPECT_THAT(end(11), ElementsAre(12)) << "the first session is at its own limit";
  EXPECT_THAT(end(1), ElementsAre(2));
}

TEST_F(AccountLimitsTest, LimitIsOfEachExecutor) {
  testing::ScriptedExecutor second(t_.table, t_.time, {.name = "second", .max_workers = 2});
  const AccountIndex ann = add("ann", {.max_running = 1});
  ASSERT_TRUE(submit(ann, {1, 2}));
  NewTask tasks[] = {{id_of(3, session_of(ann)), Bytes()}, {id_of(4, session_of(ann)), Bytes()}};
  TaskGroup group{"plain", second.index(), {}, tasks, ann};
  ASSERT_TRUE(t_.table.create({&group, 1}, kNoSubscriber, nullptr));
  EXPECT_THAT(take_all(), ElementsAre(1));
  ASSERT_GT(second.woken(), 0U);
  EXPECT_THAT(counters_of(*second.come()), ElementsAre(3));
  EXPECT_EQ(second.woken(), 0U);
}

TEST_F(AccountLimitsTest, ManyOfOneAccountDoNotKeepAnothersFromItsTurn) {
  const AccountIndex ann = add("ann", {.max_running = 3});
  const AccountIndex ben = add("ben", {.max_running = 3});
  std::vector<std::uint64_t> many(1000);
  for (std::size_t i = 0; i < many.size(); ++i) many[i] = i + 1;
  ASSERT_TRUE(submit(ann, many));
  ASSERT_TRUE(submit(ben, {2001, 2002, 2003, 2004}));
  EXPECT_THAT(take_all(), ElementsAre(1, 2, 3, 2001, 2002, 2003));
  EXPECT_THAT(end(2001), ElementsAre(2004));
  EXPECT_THAT(end(1), ElementsAre(4));
}

TEST_F(AccountLimitsTest, LeaseHoldsNoMoreThanMayRun) {
  t_.learn_that_it_is_quick();
  const AccountIndex ann = add("ann", {.max_running = 3});
  ASSERT_TRUE(submit(ann, {1, 2, 3, 4, 5}));
  EXPECT_THAT(counters_of(*t_.executor.come()), ElementsAre(1, 2, 3));
}

TEST_F(AccountLimitsTest, HigherLimitWakesWorkersForWhatWaits) {
  const AccountIndex ann = add("ann", {.max_running = 1});
  ASSERT_TRUE(submit(ann, {1, 2, 3}));
  EXPECT_THAT(take_all(), ElementsAre(1));
  add("ann", {.max_running = 2});
  EXPECT_THAT(take_all(), ElementsAre(2));
  add("ann", {});
  EXPECT_THAT(take_all(), ElementsAre(3));
}

TEST_F(AccountLimitsTest, CancelledOneOfAFullAccountIsPassedOver) {
  const AccountIndex ann = add("ann", {.max_running = 1});
  ASSERT_TRUE(submit(ann, {1, 2, 3}));
  EXPECT_THAT(take_all(), ElementsAre(1));
  const FutureId second = id_of(2, session_of(ann));
  t_.table.cancel(ann, {&second, 1}, CancelMode::kPending);
  EXPECT_THAT(end(1), ElementsAre(3));
}

TEST_F(AccountLimitsTest, OneThatWaitsForItsTimeTakesNoPlace) {
  const AccountIndex ann = add("ann", {.max_running = 1});
  ASSERT_TRUE(submit(ann, {1}, "", testing::shared({.delay = 1s})));
  ASSERT_TRUE(submit(ann, {2}));
  EXPECT_THAT(take_all(), ElementsAre(2));
  t_.time.advance(1s);
  EXPECT_THAT(take_all(), ElementsAre());
  EXPECT_THAT(end(2), ElementsAre(1));
}

TEST_F(AccountLimitsTest, LimitHoldsForWhatSurvivedARestart) {
  const AccountIndex ann = add("ann", {.max_running = 1});
  t_.table.restore({stored_future(id_of(1, session_of(ann)), 1, {"ann", "ann"}),
                    stored_future(id_of(2, session_of(ann)), 2, {"ann", "ann"})});
  t_.table.restored(2);
  EXPECT_THAT(take_all(), ElementsAre(1));
  EXPECT_THAT(end(1), ElementsAre(2));
}

TEST_F(AccountLimitsTest, LimitOfAStoredSessionIsThatOfItsOwnAccountsTasks) {
  const SessionId session{0x2000'0000'0000'8000, 0x8000};
  StoredFuture first = stored_future(id_of(1, session), 1, {"ann", "red"});
  StoredFuture second = stored_future(id_of(2, session), 2, {"ann", "red"});
  first.task.session_limit = second.task.session_limit = 1;
  t_.table.restore({first, second, stored_future(id_of(3, session), 3, {"ben", "red"})});
  t_.table.restored(3);
  EXPECT_THAT(take_all(), ElementsAre(1, 3));
}

// --- Waiters and streams.

TEST_F(AccountLimitsTest, WaitersAreLimited) {
  const AccountIndex ann = add("ann", {.max_waiters = 1});
  const auto first = RecordingSubscriber::add(t_.table, ann);
  const auto refused = t_.table.add_subscriber(std::make_shared<RecordingSubscriber>(), ann);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, Reason::kTooManyWaitersOfIdentity);
  EXPECT_EQ(refused.error().retry_delay, 100ms);
  EXPECT_THAT(refused.error().message, HasSubstr("1 calls and sessions of identity \"ann\""));
  EXPECT_TRUE(t_.table.add_subscriber(std::make_shared<RecordingSubscriber>(), add("ben", {.max_waiters = 1})));
  t_.table.remove_subscriber(first->id());
  EXPECT_TRUE(t_.table.add_subscriber(std::make_shared<RecordingSubscriber>(), ann));
}

TEST_F(AccountLimitsTest, StreamsAreLimited) {
  const AccountIndex ann = add("ann", {.max_streams = 2});
  ASSERT_TRUE(t_.table.open_stream(ann));
  ASSERT_TRUE(t_.table.open_stream(ann));
  const auto refused = t_.table.open_stream(ann);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, Reason::kTooManyStreamsOfIdentity);
  EXPECT_EQ(refused.error().retry_delay, 100ms);
  EXPECT_TRUE(t_.table.open_stream(kDaemonAccount));
  t_.table.close_stream(ann);
  EXPECT_TRUE(t_.table.open_stream(ann));
  EXPECT_EQ(t_.table.accounts()[ann].streams, 2U);
}

}  // namespace
}  // namespace futured::core
