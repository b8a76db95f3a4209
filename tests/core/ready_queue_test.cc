#include "server/core/ready_queue.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace futured::core {
namespace {

using Order = std::vector<std::uint64_t>;

class ReadyQueueTest : public testing::Test {
 protected:
  // A pending future; its place is its name.
  std::uint32_t make(std::uint64_t place, std::int32_t priority) {
    const std::uint32_t slot = records_.allocate();
    records_[slot].place = place;
    if (priority != 0) {
      records_[slot].options.policy = std::make_shared<const TaskPolicy>(TaskPolicy{.priority = priority});
    }
    return slot;
  }
  std::uint32_t push(Lane& lane, std::uint64_t place, std::int32_t priority = 0) {
    const std::uint32_t slot = make(place, priority);
    queue_.push_back(lane, slot);
    return slot;
  }
  void push_all(Lane& lane, const Order& places, std::int32_t priority = 0) {
    for (const std::uint64_t place : places) push(lane, place, priority);
  }
  // Takes everything that it gives.
  Order take_all() {
    Order order;
    for (std::uint32_t slot = queue_.front(); slot != kNone; slot = queue_.front()) {
      order.push_back(records_[slot].place);
      queue_.pop_front();
    }
    return order;
  }
  std::uint32_t pop() {
    const std::uint32_t slot = queue_.front();
    queue_.pop_front();
    return slot;
  }

  Records records_;
  ReadyQueue queue_{records_};
  Cap cap_;
  Lane a_{cap_};
  Lane b_{cap_};
};

TEST_F(ReadyQueueTest, EmptyGivesNothing) {
  EXPECT_EQ(queue_.front(), kNone);
  EXPECT_EQ(queue_.size(), 0U);
}

TEST_F(ReadyQueueTest, OneLaneIsInOrder) {
  push_all(a_, {1, 2, 3});
  EXPECT_EQ(queue_.size(), 3U);
  EXPECT_EQ(take_all(), (Order{1, 2, 3}));
  EXPECT_EQ(queue_.size(), 0U);
  EXPECT_EQ(a_.running, 3U);
}

TEST_F(ReadyQueueTest, LanesAreMergedInOrderOfSubmission) {
  Lane c(cap_);
  push_all(a_, {1, 4, 5});
  push_all(b_, {2, 7});
  push_all(c, {3, 6, 8});
  EXPECT_EQ(take_all(), (Order{1, 2, 3, 4, 5, 6, 7, 8}));
}

TEST_F(ReadyQueueTest, FullLaneIsPassedOver) {
  a_.max_running = 1;
  push_all(a_, {1, 2});
  push_all(b_, {3, 4});
  EXPECT_EQ(take_all(), (Order{1, 3, 4}));
  EXPECT_EQ(queue_.size(), 1U);
  queue_.finished(a_);
  EXPECT_EQ(take_all(), (Order{2}));
}

TEST_F(ReadyQueueTest, LaneThatMayRunAgainComesInItsPlace) {
  a_.max_running = 1;
  push_all(a_, {1, 2});
  push_all(b_, {3, 4});
  pop();
  queue_.finished(a_);
  EXPECT_EQ(take_all(), (Order{2, 3, 4}));
}

TEST_F(ReadyQueueTest, PutBackOnesKeepTheirOrder) {
  push_all(a_, {1, 2, 3});
  push(b_, 4);
  const std::uint32_t first = pop();
  const std::uint32_t second = pop();
  // As a lease gives back what it holds: the last one first.
  for (const std::uint32_t slot : {second, first}) {
    queue_.finished(a_);
    queue_.put_back(a_, slot);
  }
  EXPECT_EQ(take_all(), (Order{1, 2, 3, 4}));
}

TEST_F(ReadyQueueTest, PutBackOneGoesBehindEarlierOnesThatCameBackBefore) {
  push_all(a_, {1, 2, 3, 4});
  const std::uint32_t first = pop();
  const std::uint32_t second = pop();
  const std::uint32_t third = pop();
  for (const std::uint32_t slot : {first, third, second}) {
    queue_.finished(a_);
    queue_.put_back(a_, slot);
  }
  EXPECT_EQ(take_all(), (Order{1, 2, 3, 4}));
}

TEST_F(ReadyQueueTest, PutBackOneMayBeTheLastOrTheOnlyOne) {
  push_all(a_, {1, 2});
  const std::uint32_t first = pop();
  const std::uint32_t second = pop();
  queue_.finished(a_);
  queue_.put_back(a_, first);
  queue_.finished(a_);
  queue_.put_back(a_, second);
  EXPECT_EQ(take_all(), (Order{1, 2}));
  EXPECT_EQ(a_.running, 2U);
}

TEST_F(ReadyQueueTest, PutBackOneOvertakesOtherLanes) {
  push(a_, 1);
  push(b_, 2);
  const std::uint32_t slot = pop();
  queue_.finished(a_);
  queue_.put_back(a_, slot);
  EXPECT_EQ(take_all(), (Order{1, 2}));
}

TEST_F(ReadyQueueTest, AnyOneMayBeRemoved) {
  std::vector<std::uint32_t> slots;
  for (const std::uint64_t place : Order{1, 2, 3, 4, 5}) slots.push_back(push(a_, place));
  push(b_, 6);
  for (const std::size_t i : {0U, 2U, 4U}) {
    queue_.remove(a_, slots[i]);
    EXPECT_FALSE(records_[slots[i]].queued);
  }
  EXPECT_EQ(queue_.size(), 3U);
  EXPECT_EQ(take_all(), (Order{2, 4, 6}));
}

TEST_F(ReadyQueueTest, RemovingTheLastEmptiesTheLane) {
  queue_.remove(a_, push(a_, 1));
  EXPECT_EQ(queue_.front(), kNone);
  EXPECT_EQ(a_.usual.head, kNone);
  EXPECT_EQ(a_.usual.tail, kNone);
  EXPECT_FALSE(a_.busy());
  push(a_, 2);
  EXPECT_EQ(take_all(), (Order{2}));
}

TEST_F(ReadyQueueTest, RemovingFromAFullLaneChangesItsPlace) {
  a_.max_running = 1;
  push(a_, 1);
  const std::uint32_t second = push(a_, 2);
  push(a_, 5);
  push(b_, 3);
  pop();
  queue_.remove(a_, second);
  queue_.finished(a_);
  EXPECT_EQ(take_all(), (Order{3, 5}));
}

TEST_F(ReadyQueueTest, LimitMayRiseAndFall) {
  a_.max_running = 1;
  push_all(a_, {1, 2, 3, 4});
  EXPECT_EQ(take_all(), (Order{1}));
  queue_.set_limit(a_, 2);
  EXPECT_EQ(take_all(), (Order{2}));
  queue_.set_limit(a_, 1);
  queue_.finished(a_);
  EXPECT_EQ(queue_.front(), kNone);
  queue_.finished(a_);
  EXPECT_EQ(take_all(), (Order{3}));
  queue_.set_limit(a_, UINT64_MAX);
  EXPECT_EQ(take_all(), (Order{4}));
}

TEST_F(ReadyQueueTest, LimitOfALaneInTheMiddleMayFallToWhatRuns) {
  push_all(a_, {1, 5});
  push_all(b_, {2, 6});
  pop();
  pop();
  queue_.set_limit(a_, 1);
  EXPECT_EQ(take_all(), (Order{6}));
  queue_.finished(a_);
  EXPECT_EQ(take_all(), (Order{5}));
}

// --- Priorities.

TEST_F(ReadyQueueTest, HigherPriorityGoesFirstInWhateverLane) {
  push_all(a_, {1, 2});
  push(a_, 3, 5);
  push_all(b_, {4, 5}, 5);
  push(b_, 6, -5);
  push(b_, 7);
  EXPECT_EQ(queue_.size(), 7U);
  EXPECT_EQ(take_all(), (Order{3, 4, 5, 1, 2, 7, 6}));
}

TEST_F(ReadyQueueTest, LimitOfALaneIsOverAllItsPriorities) {
  a_.max_running = 2;
  push(a_, 1);
  push(a_, 2, 1);
  push(a_, 3, 2);
  push(b_, 4);
  EXPECT_EQ(take_all(), (Order{3, 2, 4}));
  queue_.finished(a_);
  EXPECT_EQ(take_all(), (Order{1}));
  EXPECT_EQ(a_.running, 2U);
}

TEST_F(ReadyQueueTest, LaneThatMayRunAgainOffersItsHighestPriority) {
  a_.max_running = 1;
  push(a_, 1);
  push(a_, 2);
  pop();
  push(a_, 3, 1);
  push(b_, 4);
  EXPECT_EQ(queue_.front(), b_.usual.head);
  queue_.finished(a_);
  EXPECT_EQ(take_all(), (Order{3, 4}));
  queue_.finished(a_);
  EXPECT_EQ(take_all(), (Order{2}));
}

TEST_F(ReadyQueueTest, PutBackAndRemovedOnesAreFoundInTheirPriority) {
  push(a_, 1, 1);
  const std::uint32_t second = push(a_, 2, 1);
  push(a_, 3);
  const std::uint32_t first = pop();
  queue_.finished(a_);
  queue_.put_back(a_, first);
  queue_.remove(a_, second);
  EXPECT_EQ(take_all(), (Order{1, 3}));
}

TEST_F(ReadyQueueTest, LaneIsBusyWithAnyPriority) {
  const std::uint32_t slot = push(a_, 1, 1);
  EXPECT_TRUE(a_.busy());
  queue_.remove(a_, slot);
  EXPECT_FALSE(a_.busy());
}

// --- Caps.

class CapTest : public ReadyQueueTest {
 protected:
  Cap other_cap_;
  Lane c_{other_cap_};
};

TEST_F(CapTest, LanesOfAFullCapArePassedOver) {
  queue_.set_limit(cap_, 1);
  push_all(a_, {1, 4});
  push_all(b_, {2, 5});
  push_all(c_, {3, 6});
  EXPECT_EQ(take_all(), (Order{1, 3, 6}));
  EXPECT_EQ(queue_.size(), 3U);
}

TEST_F(CapTest, OneThatEndsLetsTheFirstOfItsCapFollowFromWhateverLane) {
  queue_.set_limit(cap_, 1);
  push_all(a_, {1, 4});
  push_all(b_, {2, 5});
  EXPECT_EQ(take_all(), (Order{1}));
  queue_.finished(a_);
  EXPECT_EQ(take_all(), (Order{2}));
  queue_.finished(b_);
  EXPECT_EQ(take_all(), (Order{4}));
}

TEST_F(CapTest, CapsAreMergedInOrderOfSubmission) {
  push_all(a_, {1, 5});
  push_all(c_, {2, 3});
  push_all(b_, {4, 6});
  EXPECT_EQ(take_all(), (Order{1, 2, 3, 4, 5, 6}));
}

TEST_F(CapTest, CapThatMayRunAgainComesInItsPlace) {
  queue_.set_limit(cap_, 1);
  push_all(a_, {1, 2});
  push_all(c_, {3, 4});
  pop();
  EXPECT_EQ(records_[queue_.front()].place, 3U);
  queue_.finished(a_);
  EXPECT_EQ(take_all(), (Order{2, 3, 4}));
}

TEST_F(CapTest, LimitOfALaneHoldsWithinItsCap) {
  queue_.set_limit(cap_, 3);
  queue_.set_limit(a_, 1);
  push_all(a_, {1, 2, 3});
  push_all(b_, {4, 5, 6});
  EXPECT_EQ(take_all(), (Order{1, 4, 5}));
  queue_.finished(b_);
  EXPECT_EQ(take_all(), (Order{6})) << "the lane is full, the cap is not";
  queue_.finished(a_);
  EXPECT_EQ(take_all(), (Order{2}));
}

TEST_F(CapTest, HigherPriorityGoesFirstAcrossCaps) {
  push_all(a_, {1, 2});
  push(c_, 3, 5);
  push(b_, 4, 7);
  EXPECT_EQ(take_all(), (Order{4, 3, 1, 2}));
}

TEST_F(CapTest, HigherLimitLetsMoreFollow) {
  queue_.set_limit(cap_, 1);
  push_all(a_, {1, 2, 3, 4});
  EXPECT_EQ(take_all(), (Order{1}));
  queue_.set_limit(cap_, 3);
  EXPECT_EQ(take_all(), (Order{2, 3}));
}

TEST_F(CapTest, LowerLimitWaitsUntilEnoughHaveEnded) {
  push_all(a_, {1, 2, 3, 4, 5});
  pop();
  pop();
  pop();
  queue_.set_limit(cap_, 1);
  queue_.finished(a_);
  queue_.finished(a_);
  EXPECT_EQ(queue_.front(), kNone) << "one still runs";
  queue_.finished(a_);
  EXPECT_EQ(take_all(), (Order{4}));
}

TEST_F(CapTest, RemovedFrontOfACapMakesWayForItsNext) {
  const std::uint32_t first = push(a_, 1);
  push_all(c_, {2});
  push_all(b_, {3});
  queue_.remove(a_, first);
  EXPECT_EQ(take_all(), (Order{2, 3}));
}

TEST_F(CapTest, PutBackOneOfAFullCapWaitsAtItsPlace) {
  queue_.set_limit(cap_, 1);
  push_all(a_, {1, 2});
  push(c_, 3);
  const std::uint32_t first = pop();
  queue_.finished(a_);
  queue_.put_back(a_, first);
  EXPECT_EQ(take_all(), (Order{1, 3}));
}

}  // namespace
}  // namespace futured::core
