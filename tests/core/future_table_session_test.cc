// FutureTable: sessions, and their caps on tasks that run at once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "server/core/future_table.h"
#include "tests/core/test_table.h"

namespace futured::core {
namespace {

using testing::counters_of;
using ::testing::HasSubstr;
using testing::id_of;
using testing::kSession;
using testing::TestTable;
using Counters = std::vector<std::uint64_t>;
using namespace std::chrono_literals;

constexpr SessionId kOther{kSession.high, 0x9e5b};

// The workers that are woken come, until none is; what each was lent.
std::vector<std::shared_ptr<Lease>> all_come(TestTable& t) {
  std::vector<std::shared_ptr<Lease>> leases;
  while (t.executor.woken() > 0) {
    if (auto lease = t.executor.come()) leases.push_back(std::move(lease));
  }
  return leases;
}

// So many other sessions come and go.
void open_and_close(TestTable& t, std::uint64_t count, std::uint64_t first = 0) {
  for (std::uint64_t i = first; i < first + count; ++i) {
    t.table.open_session({i, 0}, 0, kDaemonAccount);
    t.table.close_session({i, 0});
  }
}

// semantics 69
TEST(FutureTableSessionTest, NoMoreThanItsCapRunAtOnce) {
  TestTable t({.max_workers = 4});
  t.table.open_session(kOther, 2, kDaemonAccount);
  ASSERT_TRUE(t.submit({1, 2, 3, 4}, {.session = kOther}));
  auto leases = all_come(t);
  ASSERT_EQ(leases.size(), 2U);
  leases[0] = t.executor.run(leases[0]);
  ASSERT_NE(leases[0], nullptr);
  EXPECT_EQ(counters_of(*leases[0]), (Counters{3}));
}

TEST(FutureTableSessionTest, LeaseHoldsNoMoreThanTheCap) {
  TestTable t;
  t.learn_that_it_is_quick();
  t.table.open_session(kOther, 2, kDaemonAccount);
  ASSERT_TRUE(t.submit({1, 2, 3}, {.session = kOther}));
  EXPECT_EQ(counters_of(*t.executor.come()), (Counters{1, 2}));
}

TEST(FutureTableSessionTest, OthersPassASessionAtItsCap) {
  TestTable t({.max_workers = 2});
  t.table.open_session(kOther, 1, kDaemonAccount);
  ASSERT_TRUE(t.submit({1, 2}, {.session = kOther}));
  ASSERT_TRUE(t.submit({3}));
  const auto leases = all_come(t);
  ASSERT_EQ(leases.size(), 2U);
  EXPECT_EQ((*leases[0])[0].id, id_of(1, kOther));
  EXPECT_EQ((*leases[1])[0].id, id_of(3));
}

TEST(FutureTableSessionTest, SessionsAreServedInOrderOfSubmission) {
  TestTable t({.max_workers = 4});
  t.table.open_session(kOther, 1, kDaemonAccount);
  ASSERT_TRUE(t.submit({1}));
  ASSERT_TRUE(t.submit({2}, {.session = kOther}));
  ASSERT_TRUE(t.submit({3}));
  Counters order;
  for (const auto& lease : all_come(t)) order.push_back((*lease)[0].id.counter());
  EXPECT_EQ(order, (Counters{1, 2, 3}));
}

TEST(FutureTableSessionTest, CapsArePerExecutor) {
  TestTable t;
  testing::ScriptedExecutor second(t.table, t.time, {.name = "second"});
  t.table.open_session(kOther, 1, kDaemonAccount);
  ASSERT_TRUE(t.submit({1}, {.session = kOther}));
  NewTask task{id_of(2, kOther), Bytes(), 0};
  TaskGroup group{.function = "plain", .executor = second.index(), .tasks = {&task, 1}};
  ASSERT_TRUE(t.table.create({&group, 1}, kNoSubscriber, nullptr));
  EXPECT_NE(t.executor.come(), nullptr);
  EXPECT_NE(second.come(), nullptr);
}

TEST(FutureTableSessionTest, HigherCapLetsPendingOnesGo) {
  TestTable t({.max_workers = 4});
  t.table.open_session(kOther, 1, kDaemonAccount);
  ASSERT_TRUE(t.submit({1, 2, 3, 4}, {.session = kOther}));
  EXPECT_EQ(all_come(t).size(), 1U);
  t.table.open_session(kOther, 3, kDaemonAccount);
  EXPECT_EQ(all_come(t).size(), 2U);
  t.table.open_session(kOther, 0, kDaemonAccount);
  EXPECT_EQ(all_come(t).size(), 1U);
}

TEST(FutureTableSessionTest, LowerCapHoldsOnceEnoughHaveEnded) {
  TestTable t({.max_workers = 4});
  t.table.open_session(kOther, 3, kDaemonAccount);
  ASSERT_TRUE(t.submit({1, 2, 3, 4, 5}, {.session = kOther}));
  auto leases = all_come(t);
  t.table.open_session(kOther, 1, kDaemonAccount);
  EXPECT_EQ(t.executor.run(leases[0]), nullptr);
  EXPECT_EQ(t.executor.run(leases[1]), nullptr);
  EXPECT_NE(t.executor.run(leases[2]), nullptr);
}

TEST(FutureTableSessionTest, CancellingALentOneMakesRoomForAnother) {
  TestTable t({.max_workers = 2});
  t.learn_that_it_is_quick();
  t.table.open_session(kOther, 1, kDaemonAccount);
  ASSERT_TRUE(t.submit({1}));
  ASSERT_TRUE(t.submit({2, 3}, {.session = kOther}));
  const auto lease = t.executor.come();
  ASSERT_EQ(counters_of(*lease), (Counters{1, 2}));
  t.executor.begin(*lease, 0);
  const FutureId id = id_of(2, kOther);
  t.table.cancel(kDaemonAccount, {&id, 1}, CancelMode::kPending);
  t.time.advance(2ms);
  const auto leases = all_come(t);
  ASSERT_EQ(leases.size(), 1U);
  EXPECT_EQ(counters_of(*leases[0]), (Counters{3}));
}

TEST(FutureTableSessionTest, TimedOutOneOccupiesItsPlaceUntilItReturns) {
  TestTable t({.max_workers = 2});
  t.table.open_session(kOther, 1, kDaemonAccount);
  ASSERT_TRUE(t.submit({1, 2}, {.timeout = 1s, .session = kOther}));
  const auto leases = all_come(t);
  t.executor.begin(*leases[0], 0);
  t.time.advance(1s);
  EXPECT_TRUE(all_come(t).empty());
  t.executor.end(*leases[0], 0);
  EXPECT_NE(t.executor.exchange(leases[0]), nullptr);
}

TEST(FutureTableSessionTest, ForgottenFutureOfAKnownSessionHasExpired) {
  TestTable t;
  t.submit_and_run(5);
  t.submit_and_run(3);
  t.forget(5);
  t.forget(3);
  for (const std::uint64_t counter : {1U, 3U, 5U}) {
    const Status status = t.table.not_found(kDaemonAccount, id_of(counter));
    EXPECT_EQ(status.reason, Reason::kFutureExpired);
    EXPECT_EQ(status.resource.type, "future");
    EXPECT_EQ(status.resource.name, to_string(id_of(counter)));
    EXPECT_THAT(status.message, HasSubstr("expired")) << counter;
    EXPECT_THAT(status.message, HasSubstr(to_string(id_of(counter))));
  }
  EXPECT_EQ(t.table.not_found(kDaemonAccount, id_of(6)).reason, Reason::kFutureUnknown);
  EXPECT_THAT(t.table.not_found(kDaemonAccount, id_of(6)).message, HasSubstr("unknown"));
  EXPECT_THAT(t.table.not_found(kDaemonAccount, id_of(1, kOther)).message, HasSubstr("unknown"));
}

TEST(FutureTableSessionTest, HighestCounterIsThatOfAnyTaskOfAnyGroup) {
  TestTable t;
  t.table.open_session(kOther, 0, kDaemonAccount);
  std::vector<NewTask> tasks;
  for (const FutureId id : {id_of(1), id_of(9), id_of(4), id_of(2, kOther), id_of(1, kOther)}) {
    tasks.push_back({id, Bytes(), 0});
  }
  TaskGroup group{.function = "plain", .tasks = tasks};
  ASSERT_TRUE(t.table.create({&group, 1}, kNoSubscriber, nullptr));
  t.executor.run_all();
  const FutureId ids[] = {id_of(9), id_of(2, kOther)};
  t.table.forget(kDaemonAccount, ids);
  EXPECT_THAT(t.table.not_found(kDaemonAccount, id_of(9)).message, HasSubstr("expired"));
  EXPECT_THAT(t.table.not_found(kDaemonAccount, id_of(2, kOther)).message, HasSubstr("expired"));
  EXPECT_THAT(t.table.not_found(kDaemonAccount, id_of(3, kOther)).message, HasSubstr("unknown"));
}

TEST(FutureTableSessionTest, OldSessionsAreForgottenUnlessTheyAreBusy) {
  TestTable t;
  t.submit_and_run(1);
  t.forget(1);
  t.table.close_session(kSession);
  t.table.open_session(kOther, 1, kDaemonAccount);
  ASSERT_TRUE(t.submit({1, 2}, {.session = kOther}));
  t.table.close_session(kOther);
  const auto lease = t.executor.come();
  open_and_close(t, 11'000);
  EXPECT_THAT(t.table.not_found(kDaemonAccount, id_of(1)).message, HasSubstr("unknown"));
  EXPECT_THAT(t.table.not_found(kDaemonAccount, id_of(2, kOther)).message, HasSubstr("expired"));
  EXPECT_NE(t.executor.run(lease), nullptr);
}

TEST(FutureTableSessionTest, OpenSessionIsNeverForgotten) {
  TestTable t({.max_workers = 4});
  t.submit_and_run(1);
  t.forget(1);
  t.table.open_session(kOther, 1, kDaemonAccount);
  // A second stream takes over, and the first ends.
  t.table.open_session(kOther, 1, kDaemonAccount);
  t.table.close_session(kOther);
  open_and_close(t, 11'000);
  EXPECT_THAT(t.table.not_found(kDaemonAccount, id_of(1)).message, HasSubstr("expired"));
  ASSERT_TRUE(t.submit({1, 2}, {.session = kOther}));
  EXPECT_EQ(all_come(t).size(), 1U) << "its cap holds";
}

TEST(FutureTableSessionTest, ForgottenFutureOfASessionThatWasNeverOpenedHasExpired) {
  TestTable t;
  t.submit_and_run(5, {.session = kOther});
  const FutureId id = id_of(5, kOther);
  t.table.forget(kDaemonAccount, {&id, 1});
  EXPECT_THAT(t.table.not_found(kDaemonAccount, id).message, HasSubstr("expired"));
  EXPECT_THAT(t.table.not_found(kDaemonAccount, id_of(6, kOther)).message, HasSubstr("unknown"));
}

TEST(FutureTableSessionTest, SessionThatIsUsedIsRememberedBeforeOthers) {
  TestTable t;
  const FutureId id = id_of(1, kOther);
  t.submit_and_run(1, {.session = kOther});
  open_and_close(t, 6'000);
  t.submit_and_run(2, {.session = kOther});
  open_and_close(t, 6'000, 6'000);
  t.table.forget(kDaemonAccount, {&id, 1});
  EXPECT_THAT(t.table.not_found(kDaemonAccount, id).message, HasSubstr("expired"));
  open_and_close(t, 6'000, 12'000);
  EXPECT_THAT(t.table.not_found(kDaemonAccount, id).message, HasSubstr("unknown")) << "what is remembered has a bound";
}

TEST(FutureTableSessionTest, SessionThatWasNeverOpenedHasNoCap) {
  TestTable t({.max_workers = 2});
  ASSERT_TRUE(t.submit({1, 2}, {.session = kOther}));
  EXPECT_EQ(all_come(t).size(), 2U);
}

}  // namespace
}  // namespace futured::core
