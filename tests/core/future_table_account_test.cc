// What an account sees of futures, and what it can do to them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "server/core/future_table.h"
#include "tests/core/test_table.h"

namespace futured::core {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::id_of;
using ::testing::IsEmpty;
using testing::RecordingSubscriber;
using testing::stored_future;
using testing::TestTable;

constexpr SessionId kAnns{0x1111'1111'1111'8111, 0x8111};
constexpr SessionId kCids{0x2222'2222'2222'8222, 0x8222};
constexpr SessionId kDrawn{0x3333'3333'3333'8333, 0x8333};

class FutureTableAccountTest : public ::testing::Test {
 protected:
  FutureTableAccountTest() { t_.table.open_drawn_session(kDrawn); }

  Result<void> submit(AccountIndex account, std::uint64_t counter, SessionId session) {
    return t_.submit({counter}, {.session = session, .account = account});
  }
  Result<void> submit_drawn(AccountIndex account, std::uint64_t counter) {
    NewTask task{id_of(counter, kDrawn), Bytes(), counter};
    task.is_drawn = true;
    TaskGroup group{"plain", t_.executor.index(), {}, {&task, 1}, account};
    return t_.table.create({&group, 1}, kNoSubscriber, nullptr);
  }
  // One of Ann's, finished.
  FutureId finished_one(std::uint64_t counter) {
    t_.submit_and_run(counter, {.session = kAnns, .account = ann_});
    return id_of(counter, kAnns);
  }
  // One of Ann's, pending.
  FutureId pending_one(std::uint64_t counter) {
    EXPECT_TRUE(submit(ann_, counter, kAnns));
    return id_of(counter, kAnns);
  }
  State state(FutureId id) { return t_.table.states(kDaemonAccount, {&id, 1}).front().value(); }
  bool sees(AccountIndex caller, FutureId id) {
    const bool has_state = t_.table.states(caller, {&id, 1}).front().has_value();
    EXPECT_EQ(t_.table.get(caller, {&id, 1}).front().has_value(), has_state);
    return has_state;
  }
  std::vector<FutureId> listed(AccountIndex caller, const ListFilter& filter = {}) {
    std::vector<FutureId> ids;
    for (const auto& snapshot : t_.table.list(caller, filter, 100)) ids.push_back(snapshot.id);
    return ids;
  }
  Result<void> watch(const RecordingSubscriber& subscriber, FutureId id, bool report_unknown = false) {
    const WatchRequest request{id, 7};
    return t_.table.subscribe(subscriber.id(), {&request, 1}, report_unknown);
  }
  // What a caller is told of an ID, but for the ID.
  std::string told(AccountIndex caller, FutureId id) const {
    const Status status = t_.table.not_found(caller, id);
    std::string text = std::string(to_string(status.reason)) + " " + status.message;
    return text.replace(text.find(to_string(id)), to_string(id).size(), "ID");
  }

  TestTable t_{{.max_workers = 2}};
  const AccountIndex ann_ = t_.table.add_account({"ann", "red", {}});
  const AccountIndex ben_ = t_.table.add_account({"ben", "red", {}});
  const AccountIndex cid_ = t_.table.add_account({"cid", "blue", {}});
};

// --- Accounts.

TEST_F(FutureTableAccountTest, TheSameNameInTheSameNamespaceIsTheSameAccount) {
  EXPECT_EQ(t_.table.add_account({"ann", "red", {.max_pending = 5}}), ann_);
  EXPECT_EQ(t_.table.accounts()[ann_].limits.max_pending, 5U);
  EXPECT_NE(t_.table.add_account({"ann", "blue", {}}), ann_) << "what it has left behind stays where it was";
}

TEST_F(FutureTableAccountTest, TheDaemonIsTheFirst) {
  const auto accounts = t_.table.accounts();
  ASSERT_EQ(accounts.size(), 4U);
  EXPECT_EQ(accounts[kDaemonAccount].name, "");
  EXPECT_EQ(accounts[ann_].name, "ann");
  EXPECT_EQ(accounts[ann_].name_space, "red");
}

TEST_F(FutureTableAccountTest, SnapshotTellsWhatAnAccountHolds) {
  pending_one(1);
  ASSERT_TRUE(t_.submit({2}, {.arguments = "12345", .session = kAnns, .account = ann_}));
  const auto lease = t_.executor.come();
  const auto subscriber = RecordingSubscriber::add(t_.table, ann_);
  AccountSnapshot held = t_.table.accounts()[ann_];
  EXPECT_EQ(held.unfinished, 2U);
  EXPECT_EQ(held.unfinished_bytes, 5U);
  EXPECT_EQ(held.running, 1U);
  EXPECT_EQ(held.waiters, 1U);
  EXPECT_EQ(held.submitted, 2U);
  ASSERT_TRUE(watch(*subscriber, id_of(1, kAnns)));
  t_.executor.begin(*lease, 0);
  t_.executor.end(*lease, 0, Outcome::succeeded(Bytes()));
  t_.executor.exchange(lease);
  held = t_.table.accounts()[ann_];
  EXPECT_EQ(held.unfinished, 1U);
  EXPECT_EQ(held.owed, 1U);
  subscriber->drain(t_.table);
  t_.table.remove_subscriber(subscriber->id());
  held = t_.table.accounts()[ann_];
  EXPECT_EQ(held.owed, 0U);
  EXPECT_EQ(held.waiters, 0U);
  EXPECT_EQ(t_.table.accounts()[cid_].submitted, 0U);
}

// --- Seeing.

TEST_F(FutureTableAccountTest, GetAndStatesShowFuturesOfTheNamespace) {
  const FutureId id = pending_one(1);
  EXPECT_TRUE(sees(ann_, id));
  EXPECT_TRUE(sees(ben_, id)) << "of another account of the namespace";
  EXPECT_TRUE(sees(kDaemonAccount, id));
  EXPECT_FALSE(sees(cid_, id));
}

TEST_F(FutureTableAccountTest, FuturesOfTheDaemonAreNobodyElses) {
  ASSERT_TRUE(t_.submit({1}));
  EXPECT_FALSE(sees(ann_, id_of(1)));
  EXPECT_FALSE(sees(cid_, id_of(1)));
}

TEST_F(FutureTableAccountTest, OneForeignIdInABatchLeavesTheOthersAsTheyAre) {
  const FutureId mine = pending_one(1);
  ASSERT_TRUE(submit(cid_, 1, kCids));
  const FutureId ids[] = {mine, id_of(1, kCids), mine};
  const auto states = t_.table.states(ann_, ids);
  EXPECT_EQ(states, (std::vector<std::optional<State>>{State::kPending, std::nullopt, State::kPending}));
}

TEST_F(FutureTableAccountTest, ListShowsFuturesOfTheNamespaceAlone) {
  const FutureId anns = pending_one(1);
  ASSERT_TRUE(submit(cid_, 1, kCids));
  EXPECT_THAT(listed(ben_), ElementsAre(anns));
  EXPECT_THAT(listed(cid_), ElementsAre(id_of(1, kCids)));
  EXPECT_EQ(listed(kDaemonAccount).size(), 2U);
  EXPECT_THAT(listed(cid_, {.session = kAnns}), IsEmpty());
}

// --- Changing.

TEST_F(FutureTableAccountTest, CancelOfAForeignFutureDoesNothing) {
  const FutureId id = pending_one(1);
  EXPECT_THAT(t_.table.cancel(cid_, {&id, 1}, CancelMode::kForce), ElementsAre(CancelEffect::kNotFound));
  EXPECT_EQ(state(id), State::kPending);
  EXPECT_THAT(t_.table.cancel(ben_, {&id, 1}, CancelMode::kPending), ElementsAre(CancelEffect::kCancelled));
}

TEST_F(FutureTableAccountTest, CancelOfAForeignSessionDoesNothing) {
  const FutureId id = pending_one(1);
  EXPECT_EQ(t_.table.cancel_all(cid_, kAnns, CancelMode::kPending).cancelled, 0U);
  EXPECT_EQ(state(id), State::kPending);
  EXPECT_EQ(t_.table.cancel_all(ben_, kAnns, CancelMode::kPending).cancelled, 1U);
}

TEST_F(FutureTableAccountTest, CancelOfEverythingIsOfTheNamespace) {
  const FutureId anns = pending_one(1);
  ASSERT_TRUE(submit(cid_, 1, kCids));
  EXPECT_EQ(t_.table.cancel_all(cid_, std::nullopt, CancelMode::kPending).cancelled, 1U);
  EXPECT_EQ(state(anns), State::kPending);
}

TEST_F(FutureTableAccountTest, ForgetOfAForeignFutureDoesNothing) {
  const FutureId done = finished_one(1);
  const FutureId pending = pending_one(2);
  const FutureId ids[] = {done, pending};
  EXPECT_THAT(t_.table.forget(cid_, ids), ElementsAre(ForgetEffect::kNotFound, ForgetEffect::kNotFound));
  EXPECT_TRUE(sees(ann_, done));
  EXPECT_THAT(t_.table.forget(ben_, ids), ElementsAre(ForgetEffect::kForgotten, ForgetEffect::kUnfinished));
}

// --- Waiting.

TEST_F(FutureTableAccountTest, SubscriberWatchesWhatItsAccountSees) {
  const FutureId id = finished_one(1);
  const auto of_ben = RecordingSubscriber::add(t_.table, ben_);
  EXPECT_TRUE(watch(*of_ben, id));
  const auto events = of_ben->drain(t_.table);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].kind, Event::Kind::kFinished);
}

TEST_F(FutureTableAccountTest, SubscriptionToAForeignFutureIsAsToAnUnknownOne) {
  const FutureId id = finished_one(1);
  const auto of_cid = RecordingSubscriber::add(t_.table, cid_);
  const auto refused = watch(*of_cid, id);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, Reason::kFutureUnknown);
  EXPECT_EQ(refused.error().message, t_.table.not_found(cid_, id).message);
  ASSERT_TRUE(watch(*of_cid, id, true));
  const auto events = of_cid->drain(t_.table);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].kind, Event::Kind::kUnknown);
}

// --- What is not there.

TEST_F(FutureTableAccountTest, ForeignFutureIsToldAsAnUnknownOne) {
  const FutureId id = pending_one(1);
  const FutureId never{0x4444'4444'4444'8444, 0x8444'0000'0000'0001};
  EXPECT_EQ(told(cid_, id), told(cid_, never));
  EXPECT_THAT(told(cid_, id), HasSubstr("is unknown"));
}

TEST_F(FutureTableAccountTest, ExpiredFutureIsToldFromAnUnknownOneInOwnSessionsAlone) {
  const FutureId id = finished_one(3);
  t_.table.forget(ann_, {&id, 1});
  EXPECT_EQ(t_.table.not_found(ann_, id).reason, Reason::kFutureExpired);
  EXPECT_EQ(t_.table.not_found(ben_, id).reason, Reason::kFutureExpired);
  EXPECT_EQ(t_.table.not_found(kDaemonAccount, id).reason, Reason::kFutureExpired);
  EXPECT_EQ(told(cid_, id), told(cid_, id_of(9, kCids)));
}

TEST_F(FutureTableAccountTest, InTheSessionOfDrawnIdsNobodyLearnsWhichOfThoseOfOthersAreGone) {
  ASSERT_TRUE(submit_drawn(ann_, 1));
  ASSERT_TRUE(submit_drawn(cid_, 2));
  t_.table.cancel_all(kDaemonAccount, std::nullopt, CancelMode::kPending);
  const FutureId anns = id_of(1, kDrawn);
  EXPECT_FALSE(sees(cid_, anns));
  const std::string before = told(cid_, anns);
  t_.table.forget(ann_, {&anns, 1});
  EXPECT_EQ(told(cid_, anns), before);
  EXPECT_EQ(told(cid_, id_of(99, kDrawn)), before);
}

// --- Submitting.

TEST_F(FutureTableAccountTest, SessionOfAnotherNamespaceTakesNoTaskOfIt) {
  pending_one(1);
  for (const std::uint64_t counter : {1U, 2U}) {
    const auto refused = submit(cid_, counter, kAnns);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason, Reason::kSessionForeign);
    EXPECT_EQ(refused.error().message, submit(cid_, 77, kAnns).error().message) << "whether it is there or not";
  }
  EXPECT_THAT(listed(kDaemonAccount), ElementsAre(id_of(1, kAnns)));
}

TEST_F(FutureTableAccountTest, BatchWithOneForeignIdIsRefusedAsAWhole) {
  pending_one(1);
  NewTask tasks[] = {{id_of(1, kCids), Bytes()}, {id_of(1, kAnns), Bytes()}};
  TaskGroup group{"plain", t_.executor.index(), {}, tasks, cid_};
  EXPECT_EQ(t_.table.create({&group, 1}, kNoSubscriber, nullptr).error().reason, Reason::kSessionForeign);
  EXPECT_THAT(listed(cid_), IsEmpty());
}

TEST_F(FutureTableAccountTest, RepeatedTaskIsTheSameFutureForTheWholeNamespace) {
  pending_one(1);
  EXPECT_TRUE(submit(ben_, 1, kAnns));
  EXPECT_EQ(t_.table.accounts()[ben_].submitted, 0U);
  EXPECT_EQ(t_.table.accounts()[ann_].unfinished, 1U);
}

TEST_F(FutureTableAccountTest, FutureBelongsToWhoSubmittedItInASessionOfTheNamespace) {
  pending_one(1);
  EXPECT_TRUE(submit(ben_, 2, kAnns));
  EXPECT_EQ(t_.table.accounts()[ben_].unfinished, 1U);
}

TEST_F(FutureTableAccountTest, DrawnIdsAreOfWhomeverTheyWereDrawnFor) {
  ASSERT_TRUE(submit_drawn(ann_, 1));
  ASSERT_TRUE(submit_drawn(cid_, 2));
  EXPECT_THAT(listed(ann_), ElementsAre(id_of(1, kDrawn)));
  EXPECT_THAT(listed(cid_), ElementsAre(id_of(2, kDrawn)));
}

TEST_F(FutureTableAccountTest, NobodyChoosesIdsThatTheDaemonDraws) {
  ASSERT_TRUE(submit_drawn(ann_, 1));
  EXPECT_TRUE(submit(ann_, 1, kDrawn)) << "what was drawn for one may be repeated";
  for (const AccountIndex account : {ann_, cid_, kDaemonAccount}) {
    EXPECT_EQ(submit(account, 2, kDrawn).error().reason, Reason::kSessionForeign);
  }
  EXPECT_EQ(submit(cid_, 1, kDrawn).error().message, submit(cid_, 2, kDrawn).error().message);
}

// --- Sessions.

TEST_F(FutureTableAccountTest, SessionIsOpenedByItsAccountAlone) {
  ASSERT_TRUE(t_.table.open_session(kAnns, 0, ann_));
  EXPECT_TRUE(t_.table.open_session(kAnns, 0, ann_));
  for (const AccountIndex account : {ben_, cid_, kDaemonAccount}) {
    const auto refused = t_.table.open_session(kAnns, 0, account);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason, Reason::kSessionForeign);
  }
  t_.table.close_session(kAnns);
  t_.table.close_session(kAnns);
  EXPECT_FALSE(t_.table.open_session(kAnns, 0, cid_)) << "closed, and remembered";
}

TEST_F(FutureTableAccountTest, SessionBelongsToWhoSubmittedInItFirst) {
  pending_one(1);
  EXPECT_FALSE(t_.table.open_session(kAnns, 0, cid_));
  EXPECT_TRUE(t_.table.open_session(kAnns, 0, ann_));
}

TEST_F(FutureTableAccountTest, RefusedOpeningChangesNoLimit) {
  ASSERT_TRUE(t_.table.open_session(kAnns, 1, ann_));
  ASSERT_FALSE(t_.table.open_session(kAnns, 5, cid_));
  pending_one(1);
  pending_one(2);
  ASSERT_NE(t_.executor.come(), nullptr);
  EXPECT_EQ(t_.executor.woken(), 0U);
}

TEST_F(FutureTableAccountTest, SessionOfDrawnIdsIsOpenedByNobody) {
  EXPECT_EQ(t_.table.open_session(kDrawn, 0, kDaemonAccount).error().reason, Reason::kSessionForeign);
  EXPECT_EQ(t_.table.open_session(kDrawn, 0, ann_).error().reason, Reason::kSessionForeign);
}

// --- After a restart.

TEST_F(FutureTableAccountTest, StoredFutureBelongsToItsNamespace) {
  t_.table.restore({stored_future(id_of(1, kAnns), 1, {"ann", "red"}),
                    stored_future(id_of(2, kAnns), 2, {"gone", "red"}),
                    stored_future(id_of(1, kCids), 3, {"dan", "green"}), stored_future(id_of(1), 4, {"", ""})});
  t_.table.restored(4);
  EXPECT_THAT(listed(ben_), ElementsAre(id_of(1, kAnns), id_of(2, kAnns)));
  EXPECT_THAT(listed(cid_), IsEmpty());
  EXPECT_EQ(listed(kDaemonAccount).size(), 4U);
  const AccountIndex dan = t_.table.add_account({"dan", "green", {}});
  EXPECT_THAT(listed(dan), ElementsAre(id_of(1, kCids))) << "once it is configured again";
  EXPECT_EQ(t_.table.accounts()[dan].unfinished, 1U);
  EXPECT_EQ(t_.table.accounts()[dan].submitted, 0U) << "since the start";
}

TEST_F(FutureTableAccountTest, StoredSessionBelongsToItsAccount) {
  t_.table.restore({stored_future(id_of(1, kAnns), 1, {"ann", "red"})});
  t_.table.restored(1);
  EXPECT_FALSE(t_.table.open_session(kAnns, 0, cid_));
  EXPECT_TRUE(t_.table.open_session(kAnns, 0, ann_));
}

TEST_F(FutureTableAccountTest, StoredSessionOfSeveralNamespacesIsNobodys) {
  const SessionId drawn_before{0x5555'5555'5555'8555, 0x8555};
  t_.table.restore({stored_future(id_of(1, drawn_before), 1, {"ann", "red"}),
                    stored_future(id_of(2, drawn_before), 2, {"cid", "blue"})});
  t_.table.restored(2);
  EXPECT_FALSE(t_.table.open_session(drawn_before, 0, ann_));
  EXPECT_EQ(submit(ann_, 3, drawn_before).error().reason, Reason::kSessionForeign);
  EXPECT_THAT(listed(cid_), ElementsAre(id_of(2, drawn_before)));
  EXPECT_EQ(t_.table.not_found(ann_, id_of(1, kDrawn)).reason, Reason::kFutureUnknown);
}

}  // namespace
}  // namespace futured::core
