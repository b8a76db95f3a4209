// FutureTable: looking at many futures.
#include <gtest/gtest.h>

#include <vector>

#include "server/core/future_table.h"
#include "tests/core/test_table.h"

namespace futured::core {
namespace {

using testing::id_of;
using testing::TestTable;
using Counters = std::vector<std::uint64_t>;

Counters list(TestTable& t, const ListFilter& filter, std::size_t most = 100) {
  Counters counters;
  for (const FutureSnapshot& snapshot : t.table.list(kDaemonAccount, filter, most))
    counters.push_back(snapshot.id.counter());
  return counters;
}

class FutureTableListTest : public ::testing::Test {
 protected:
  // 1 has succeeded, 2 has failed, 3 is running, 4 and 5 are pending; 2 and 5 call "other".
  FutureTableListTest() {
    t.submit_and_run(1);
    t.submit_and_run(2, {.function = "other"}, Outcome::failed({}));
    const auto lease = t.submit_and_take(3);
    t.executor.begin(*lease, 0);
    t.cancel(3);
    EXPECT_TRUE(t.submit({4}, {.session = kOther}));
    EXPECT_TRUE(t.submit({5}, {.function = "other"}));
  }

  static constexpr SessionId kOther{testing::kSession.high, 0x9e5b};
  TestTable t;
};

TEST_F(FutureTableListTest, AllAreInOrderOfSubmission) { EXPECT_EQ(list(t, {}), (Counters{1, 2, 3, 4, 5})); }

TEST_F(FutureTableListTest, PagesFollowEachOther) {
  ListFilter filter;
  Counters all;
  for (std::vector<FutureSnapshot> page; !(page = t.table.list(kDaemonAccount, filter, 2)).empty();) {
    EXPECT_LE(page.size(), 2U);
    for (const FutureSnapshot& snapshot : page) all.push_back(snapshot.id.counter());
    filter.after = page.back().sequence;
  }
  EXPECT_EQ(all, (Counters{1, 2, 3, 4, 5}));
}

TEST_F(FutureTableListTest, NoneAreListedWhenNoneAreWanted) { EXPECT_TRUE(list(t, {}, 0).empty()); }

TEST_F(FutureTableListTest, FiltersByState) {
  EXPECT_EQ(list(t, {.states = {State::kPending}}), (Counters{4, 5}));
  EXPECT_EQ(list(t, {.states = {State::kRunning, State::kFailed}}), (Counters{2, 3}));
  EXPECT_EQ(list(t, {.states = {State::kCancelled}}), Counters{});
}

TEST_F(FutureTableListTest, FiltersByFunctionExecutorAndSession) {
  EXPECT_EQ(list(t, {.function = "other"}), (Counters{2, 5}));
  EXPECT_EQ(list(t, {.function = "oth"}), Counters{});
  EXPECT_EQ(list(t, {.executor = ExecutorIndex{0}}), (Counters{1, 2, 3, 4, 5}));
  EXPECT_EQ(list(t, {.executor = ExecutorIndex{1}}), Counters{});
  EXPECT_EQ(list(t, {.session = kOther}), (Counters{4}));
  EXPECT_EQ(list(t, {.states = {State::kPending}, .function = "other"}), (Counters{5}));
}

TEST_F(FutureTableListTest, OrderOutlivesTheReuseOfSlots) {
  t.forget(1);
  ASSERT_TRUE(t.submit({6}));
  EXPECT_EQ(list(t, {}), (Counters{2, 3, 4, 5, 6}));
  EXPECT_EQ(list(t, {}, 3), (Counters{2, 3, 4}));
}

TEST_F(FutureTableListTest, TellsTheNewestFirstWhenAskedTo) {
  EXPECT_EQ(list(t, {.newest_first = true}), (Counters{5, 4, 3, 2, 1}));
  EXPECT_EQ(list(t, {.newest_first = true}, 2), (Counters{5, 4}));
  const std::uint64_t fourth = t.table.list(kDaemonAccount, {.newest_first = true}, 2).back().sequence;
  EXPECT_EQ(list(t, {.newest_first = true, .after = fourth}, 2), (Counters{3, 2}));
  EXPECT_EQ(list(t, {.newest_first = true, .function = "other"}), (Counters{5, 2}));
}

TEST_F(FutureTableListTest, GetKeepsTheOrderOfTheIds) {
  const FutureId ids[] = {id_of(5), id_of(9), id_of(1)};
  const auto snapshots = t.table.get(kDaemonAccount, ids);
  ASSERT_EQ(snapshots.size(), 3U);
  EXPECT_EQ(snapshots[0]->id, id_of(5));
  EXPECT_FALSE(snapshots[1]);
  EXPECT_EQ(snapshots[2]->state, State::kSucceeded);
  EXPECT_EQ(t.table.states(kDaemonAccount, ids),
            (std::vector<std::optional<State>>{State::kPending, std::nullopt, State::kSucceeded}));
}

TEST(FutureTableLongListTest, OldestOfManyAreFound) {
  TestTable t;
  Counters counters;
  for (std::uint64_t counter = 1; counter <= 40'000; ++counter) counters.push_back(counter);
  ASSERT_TRUE(t.submit(counters));
  const auto page = t.table.list(kDaemonAccount, {.after = 20'000}, 3);
  ASSERT_EQ(page.size(), 3U);
  EXPECT_EQ(page[0].id, id_of(20'001));
  EXPECT_EQ(page[2].id, id_of(20'003));
}

}  // namespace
}  // namespace futured::core
