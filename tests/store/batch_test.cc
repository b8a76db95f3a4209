#include "server/store/batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/store/life.h"

namespace futured::store {
namespace {

using core::Outcome;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::Life;
using testing::ListOf;
using ::testing::Pair;

TEST(BatchTest, FutureThatCameAndEndedIsOneInsertion) {
  Life life(1);
  const std::vector<core::Transition> transitions =
      ListOf{life.submit(), life.start(2), life.end(Outcome::cancelled(), 3)};
  Batch batch;
  batch.add(transitions);
  batch.fold();
  ASSERT_EQ(batch.changes().size(), 1u);
  EXPECT_EQ(batch.changes()[0].task, transitions[0].task.get());
  EXPECT_EQ(batch.changes()[0].last, &transitions[2]);
  EXPECT_FALSE(batch.forgets());
}

TEST(BatchTest, FutureThatCameAndLeftIsNothing) {
  Life life(9);
  const std::vector<core::Transition> transitions = ListOf{life.submit(), life.forget(3)};
  Batch batch;
  batch.add(transitions);
  batch.fold();
  EXPECT_TRUE(batch.empty());
  EXPECT_TRUE(batch.forgets());
  EXPECT_EQ(batch.highest_new_sequence(), 9u);
}

TEST(BatchTest, RunsOfForgottenFuturesAreBroughtTogether) {
  std::vector<core::Transition> transitions;
  for (const std::uint64_t sequence : {7u, 3u, 2u, 1u, 5u, 8u}) transitions.push_back(Life(sequence).forget(1));
  Batch batch;
  batch.add(transitions);
  batch.fold();
  EXPECT_THAT(batch.changes(), IsEmpty());
  EXPECT_THAT(batch.deletions(), ElementsAre(Pair(1, 3), Pair(5, 5), Pair(7, 8)));
}

TEST(BatchTest, TransitionsOfSeveralAppendsAreBroughtTogether) {
  Life first(1);
  Life second(2);
  const std::vector<core::Transition> one = ListOf{second.submit(), first.submit()};
  const std::vector<core::Transition> two = ListOf{first.start(3)};
  Batch batch;
  batch.add(one);
  batch.add(two);
  batch.fold();
  ASSERT_EQ(batch.changes().size(), 2u);
  EXPECT_EQ(batch.changes()[0].last, &two[0]);
  EXPECT_EQ(batch.changes()[0].task, one[1].task.get());
  EXPECT_EQ(batch.changes()[1].last, &one[0]);
}

}  // namespace
}  // namespace futured::store
