#include "server/store/sqlite_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <latch>

#include "server/store/open_database.h"
#include "tests/store/store_fixture.h"

namespace futured::store {
namespace {

using core::Bytes;
using core::Outcome;
using testing::describe;
using testing::Durable;
using ::testing::HasSubstr;
using testing::Life;
using testing::ListOf;

using SqliteStoreTest = testing::StoreFixture;

TEST_F(SqliteStoreTest, PendingFutureIsAsItWasSubmitted) {
  open();
  Life life(1);
  commit(ListOf{life.submit()});
  reopen();
  EXPECT_EQ(load(), (Futures{{1, describe(life.held())}}));
}

TEST_F(SqliteStoreTest, AcknowledgedFutureSurvivesAKill) {
  open();
  Life life(1);
  commit(ListOf{life.submit()});
  crash();
  open();
  EXPECT_FALSE(store_->closed_in_order());
  EXPECT_EQ(load(), (Futures{{1, describe(life.held())}}));
}

TEST_F(SqliteStoreTest, EachStepOfALifeIsKept) {
  open();
  Life life(1);
  commit(ListOf{life.submit()});
  commit(ListOf{life.start(10)});
  EXPECT_EQ(load(), (Futures{{1, describe(life.held())}}));
  commit(ListOf{life.retry({}, 20, 500)});
  EXPECT_EQ(load(), (Futures{{1, describe(life.held())}}));
  commit(ListOf{life.start(500)});
  commit(ListOf{life.end(Outcome::succeeded(Bytes("value")), 600)});
  EXPECT_EQ(load(), (Futures{{1, describe(life.held())}}));
  reopen();
  EXPECT_EQ(load(), (Futures{{1, describe(life.held())}}));
}

TEST_F(SqliteStoreTest, ErrorIsKeptWithItsCauses) {
  open();
  Life life(1);
  core::Error error{core::Origin::kWorker, "WorkerLost", "signal 9", "at f\n at g", nullptr, 2, "process-3"};
  error.exception = std::make_shared<const core::Opaque>(core::Opaque{"pickle5", std::string("a\0b", 3)});
  error.cause =
      std::make_shared<const core::Error>(core::Error{core::Origin::kTask, "ValueError", "bad", "", {}, 1, ""});
  commit(ListOf{life.submit()});
  commit(ListOf{life.end(Outcome::failed(error), 9)});
  reopen();
  EXPECT_EQ(load(), (Futures{{1, describe(life.held())}}));
}

TEST_F(SqliteStoreTest, ErrorThatIsNoTextIsKeptAsFarAsItCanBeRead) {
  open();
  Life life(1);
  commit(ListOf{life.submit(), life.end(Outcome::failed({core::Origin::kTask, "Odd\xff", "m\xfe", "", {}, 0, ""}), 9)});
  EXPECT_EQ(load(), (Futures{{1, describe(life.held())}}));
}

TEST_F(SqliteStoreTest, LifeWithinOneBatchIsKeptByItsEnd) {
  open();
  Life life(1);
  commit(ListOf{life.submit(), life.start(2), life.end(Outcome::succeeded(Bytes("v")), 3)});
  EXPECT_EQ(load(), (Futures{{1, describe(life.held())}}));
}

TEST_F(SqliteStoreTest, CancelledFutureIsKept) {
  open();
  Life life(1);
  commit(ListOf{life.submit(), life.end(Outcome::cancelled(), 3)});
  reopen();
  EXPECT_EQ(load(), (Futures{{1, describe(life.held())}}));
}

TEST_F(SqliteStoreTest, NextAttemptAndWhyThereIsOneAreKept) {
  open();
  Life life(1);
  const auto failure = Outcome::failed({core::Origin::kTask, "E", "m", "", nullptr, 1, "w"});
  commit(ListOf{life.submit(), life.start(2), life.retry(failure, 3, 9)});
  reopen();
  EXPECT_EQ(load(), (Futures{{1, describe(life.held())}}));
  commit(ListOf{life.start(9)});
  EXPECT_EQ(load(), (Futures{{1, describe(life.held())}}));
  commit(ListOf{life.end(Outcome::succeeded(Bytes("v")), 10)});
  EXPECT_EQ(load(), (Futures{{1, describe(life.held())}}));
}

TEST_F(SqliteStoreTest, AccountIsKeptAndItsNameIsShared) {
  open();
  const auto ann = std::make_shared<const core::AccountName>(core::AccountName{"ann", "red"});
  std::vector<Life> lives{Life(1), Life(2), Life(3), Life(4)};
  lives[0].task.account = lives[1].task.account = ann;
  lives[2].task.account = std::make_shared<const core::AccountName>(core::AccountName{"ann", "blue"});
  for (Life& life : lives) commit(ListOf{life.submit()});
  commit(ListOf{lives[0].end(Outcome::succeeded(Bytes("v")), 2)});
  reopen();
  for (const Life& life : lives) EXPECT_EQ(load()[life.held().sequence], describe(life.held()));
  std::vector<std::shared_ptr<const core::AccountName>> names;
  ASSERT_TRUE(store_->load([&](const std::vector<core::StoredFuture>& some) {
    for (const auto& future : some) names.push_back(future.task.account);
  }));
  ASSERT_EQ(names.size(), 4U);
  EXPECT_EQ(names[0], names[1]) << "one object";
  EXPECT_EQ(names[3], nullptr);
  EXPECT_EQ(query("SELECT group_concat(coalesce(identity || '/' || namespace, 'none')) FROM future"),
            "ann/red,ann/red,ann/blue,none");
}

TEST_F(SqliteStoreTest, RequestToStopIsKeptUntilTheEnd) {
  open();
  Life asked(1);
  Life asked_at_once(2);
  commit(ListOf{asked.submit(), asked.start(2)});
  commit(ListOf{asked.ask_to_stop(3), asked_at_once.submit(), asked_at_once.start(4), asked_at_once.ask_to_stop(5)});
  reopen();
  EXPECT_EQ(load(), (Futures{{1, describe(asked.held())}, {2, describe(asked_at_once.held())}}));
  EXPECT_EQ(query("SELECT sum(stop_requested) FROM futures"), "2");
  commit(ListOf{asked.end(Outcome::cancelled(), 6), asked_at_once.end(Outcome::cancelled(), 7)});
  EXPECT_EQ(load(), (Futures{{1, describe(asked.held())}, {2, describe(asked_at_once.held())}}));
  EXPECT_EQ(query("SELECT count(stop_requested) FROM futures"), "0");
}

TEST_F(SqliteStoreTest, OptionsAreKept) {
  open();
  Life life(1);
  core::TaskPolicy policy;
  policy.at_most_once = true;
  policy.priority = -7;
  policy.expires = std::chrono::hours(1);
  policy.not_before = core::WallTime(std::chrono::seconds(2'000'000'000));
  policy.max_attempts = 5;
  policy.retry_delay = std::chrono::milliseconds(1);
  policy.max_retry_delay = std::chrono::minutes(1);
  policy.delay = std::chrono::seconds(7);
  policy.retry_factor = 1500;
  policy.retry_jitter = 0;
  policy.retry_on = {"worker", "Odd\nName\\"};
  policy.labels = {{"a=b", "c=d"}, {"team", "line 1\nline 2"}};
  policy.trace = core::SharedTrace({{0x0af7651916cd43dd, 0x8448eb211c80319c}, 0xb7ad6b7169203331, true, "vendor=1"});
  life.task.options = {std::chrono::seconds(3), std::chrono::hours(2),
                       std::make_shared<const core::TaskPolicy>(policy)};
  commit(ListOf{life.submit()});
  reopen();
  std::vector<core::StoredFuture> futures;
  ASSERT_TRUE(store_->load([&](auto some) { futures = std::move(some); }));
  ASSERT_EQ(futures.size(), 1u);
  EXPECT_EQ(futures[0].task.options, life.task.options);
}

TEST_F(SqliteStoreTest, LimitOfTheSessionIsKept) {
  open();
  Life limited(1);
  Life free(2);
  limited.task.session_limit = 7;
  commit(ListOf{limited.submit(), free.submit()});
  reopen();
  EXPECT_EQ(load(), (Futures{{1, describe(limited.held())}, {2, describe(free.held())}}));
  EXPECT_EQ(query("SELECT group_concat(coalesce(session_limit, 'none')) FROM futures"), "7,none");
}

TEST_F(SqliteStoreTest, EqualPoliciesAreSharedAgain) {
  open();
  Life first(1);
  Life second(2);
  core::TaskPolicy policy;
  policy.priority = 1;
  first.task.options.policy = second.task.options.policy = std::make_shared<const core::TaskPolicy>(policy);
  commit(ListOf{first.submit(), second.submit()});
  std::vector<core::StoredFuture> futures;
  ASSERT_TRUE(store_->load([&](auto some) { futures = std::move(some); }));
  ASSERT_EQ(futures.size(), 2u);
  EXPECT_EQ(futures[0].task.options.policy, futures[1].task.options.policy);
}

TEST_F(SqliteStoreTest, ForgottenFuturesAreGoneAndTheirSequencesAreNotForgotten) {
  open();
  std::vector<core::Transition> submits;
  std::vector<core::Transition> forgets;
  for (std::uint64_t i = 1; i <= 10; ++i) {
    Life life(i);
    submits.push_back(life.submit());
    submits.push_back(life.end(Outcome::cancelled(), 5));
    if (i != 5) forgets.push_back(life.forget(6));
  }
  commit(std::move(submits));
  commit(std::move(forgets));
  reopen();
  const auto futures = load();
  ASSERT_EQ(futures.size(), 1u);
  EXPECT_EQ(futures.begin()->first, 5u);
  EXPECT_EQ(highest_sequence_, 10u);
}

TEST_F(SqliteStoreTest, SequenceOfAFutureThatCameAndWentInOneBatchIsRemembered) {
  open();
  Life life(42);
  commit(ListOf{life.submit(), life.end(Outcome::cancelled(), 5), life.forget(6)});
  reopen();
  EXPECT_TRUE(load().empty());
  EXPECT_EQ(highest_sequence_, 42u);
}

TEST_F(SqliteStoreTest, AcknowledgesInOrderAlsoWhatIsEmpty) {
  open();
  constexpr int kAppends = 100;
  std::vector<int> order;
  std::latch all(kAppends);
  for (int i = 0; i < kAppends; ++i) {
    std::vector<core::Transition> transitions;
    if (i % 3 != 0) transitions.push_back(Life(static_cast<std::uint64_t>(i)).submit());
    store_->append(std::move(transitions), [&order, &all, i] {
      order.push_back(i);
      all.count_down();
    });
  }
  all.wait();
  std::vector<int> expected(kAppends);
  for (int i = 0; i < kAppends; ++i) expected[static_cast<std::size_t>(i)] = i;
  EXPECT_EQ(order, expected);
}

TEST_F(SqliteStoreTest, CloseWritesWhatWaits) {
  open();
  for (std::uint64_t i = 1; i <= 1000; ++i) store_->append(ListOf{Life(i).submit()}, [] {});
  reopen();
  EXPECT_TRUE(store_->closed_in_order());
  EXPECT_EQ(load().size(), 1000u);
}

TEST_F(SqliteStoreTest, ManyFuturesAreLoadedInPiecesBySequence) {
  open();
  std::vector<core::Transition> submits;
  for (std::uint64_t i = 1; i <= 10'000; ++i) submits.push_back(Life(i).submit());
  commit(std::move(submits));
  std::size_t largest = 0;
  std::uint64_t last = 0;
  const auto loaded = store_->load([&](const std::vector<core::StoredFuture>& futures) {
    largest = std::max(largest, futures.size());
    for (const auto& future : futures) EXPECT_EQ(future.sequence, ++last);
  });
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->futures, 10'000u);
  EXPECT_LE(largest, 4096u);
}

TEST_F(SqliteStoreTest, ChangeOfAFutureThatIsNotThereIsAFailureForGood) {
  open();
  Durable durable;
  store_->append(ListOf{Life(7).start(3)}, durable.callback());
  ASSERT_TRUE(events_.wait_for_failure());
  const auto refusal = store_->refusal();
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->reason, core::Reason::kStoreFailed);
  // The next daemon may take what this one cannot.
  EXPECT_GT(refusal->retry_delay.count(), 0);
  close();
  EXPECT_FALSE(durable.is_durable());
  EXPECT_THAT(events_.failures()[0], HasSubstr("future 7"));
}

TEST_F(SqliteStoreTest, TimesAreStoredAsWallTimes) {
  open();
  Life life(1);
  life.task.submitted = time_.now();
  commit(ListOf{life.submit()});
  EXPECT_EQ(query("SELECT submitted FROM future"), "2001-09-09T01:46:40.000Z");
  EXPECT_EQ(query("SELECT submitted FROM futures"), "1000000000000000000");
}

TEST_F(SqliteStoreTest, ViewShowsIdsAndStatesAsTexts) {
  open();
  Life life(1);
  commit(ListOf{life.submit(), life.start(4)});
  EXPECT_EQ(query("SELECT id || ' ' || state || ' ' || function FROM future"),
            to_string(life.held().id) + " RUNNING sum");
}

TEST_F(SqliteStoreTest, LogStaysWithinItsLimit) {
  options_.log_limit = 1 << 20;
  open();
  const std::string kilobyte(1000, 'x');
  for (std::uint64_t i = 1; i <= 10'000; i += 100) {
    std::vector<core::Transition> transitions;
    for (std::uint64_t k = i; k < i + 100; ++k) {
      Life life(k);
      life.task.arguments = Bytes(kilobyte);
      transitions.push_back(life.submit());
    }
    commit(std::move(transitions));
  }
  EXPECT_LE(std::filesystem::file_size(log()), options_.log_limit);
  EXPECT_GT(std::filesystem::file_size(database()), 8u << 20);
}

TEST_F(SqliteStoreTest, ReaderThatHoldsTheLogIsWarnedOfAndDoesNoHarm) {
  options_.log_limit = 1 << 20;
  open();
  commit(ListOf{Life(1).submit()});
  auto reader = Connection::open(database(), SQLITE_OPEN_READONLY, "");
  ASSERT_TRUE(reader);
  ASSERT_TRUE(reader->execute("BEGIN; SELECT * FROM futures"));
  for (std::uint64_t i = 2; i <= 40; ++i) {
    Life life(i);
    life.task.arguments = Bytes(std::string(100'000, 'x'));
    commit(ListOf{life.submit()});
  }
  close();
  EXPECT_THAT(events_.warnings(), ::testing::Contains(HasSubstr("a reader of the database holds it")));
  EXPECT_TRUE(events_.failures().empty());
  reader = Connection::open(database(), SQLITE_OPEN_READONLY, "");
  open();
  EXPECT_EQ(load().size(), 40u);
}

TEST_F(SqliteStoreTest, SpaceOfForgottenFuturesIsUsedAgain) {
  open();
  const auto round = [&](std::uint64_t first) {
    std::vector<core::Transition> transitions;
    std::vector<core::Transition> forgets;
    for (std::uint64_t i = first; i < first + 1000; ++i) {
      Life life(i);
      life.task.arguments = Bytes(std::string(1000, 'x'));
      transitions.push_back(life.submit());
      forgets.push_back(life.forget(3));
    }
    commit(std::move(transitions));
    commit(std::move(forgets));
  };
  round(1);
  reopen();
  const auto size = std::filesystem::file_size(database());
  for (std::uint64_t i = 1; i < 10; ++i) round(1 + 1000 * i);
  reopen();
  EXPECT_LE(std::filesystem::file_size(database()), 2 * size);
}

TEST_F(SqliteStoreTest, MuchSpaceOfForgottenFuturesIsGivenBack) {
  open();
  constexpr std::size_t kSize = 1 << 20;
  constexpr std::uint64_t kCount = 40;
  std::vector<core::Transition> forgets;
  for (std::uint64_t i = 1; i <= kCount; ++i) {
    Life life(i);
    life.task.arguments = Bytes(std::string(kSize, 'x'));
    commit(ListOf{life.submit()});
    forgets.push_back(life.forget(3));
  }
  const auto is_large = [this] { return std::filesystem::file_size(database()) > kCount / 2 * kSize; };
  ASSERT_TRUE(testing::eventually(is_large));
  commit(std::move(forgets));
  EXPECT_TRUE(testing::eventually([&] { return !is_large(); }));
}

TEST_F(SqliteStoreTest, TellsTheDatabaseAndHowOftenItWasOpened) {
  open();
  const std::string id = store_->store_id();
  EXPECT_EQ(id.size(), 32u);
  EXPECT_EQ(store_->starts(), 1);
  reopen();
  EXPECT_EQ(store_->store_id(), id);
  EXPECT_EQ(store_->starts(), 2);
}

}  // namespace
}  // namespace futured::store
