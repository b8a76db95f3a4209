#include "server/core/watch_list.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "tests/support/sanitizers.h"

namespace futured::core {
namespace {

using Tokens = std::vector<std::uint64_t>;

class Silent final : public Subscriber {
 public:
  void notify() override {}
};

class WatchListTest : public ::testing::Test {
 protected:
  SubscriberId add() { return watches_.add(std::make_shared<Silent>(), kDaemonAccount); }
  // The tokens of all events of a subscriber.
  Tokens read_all(SubscriberId id) {
    Tokens tokens;
    while (const PendingEvent* event = watches_.next_event(id)) {
      tokens.push_back(event->token);
      watches_.pop_event(id);
    }
    return tokens;
  }
  void post(SubscriberId id, std::uint64_t token) { watches_.post(id, {token, {}, Event::Kind::kFinished}, notify_); }

  Records records_;
  WatchList watches_{records_};
  std::vector<std::shared_ptr<Subscriber>> notify_;
};

TEST_F(WatchListTest, EventsKeepTheirOrder) {
  const SubscriberId id = add();
  for (const std::uint64_t token : Tokens{3, 1, 2}) post(id, token);
  EXPECT_EQ(watches_.events(id), 3U);
  EXPECT_EQ(read_all(id), (Tokens{3, 1, 2}));
  EXPECT_EQ(watches_.events(id), 0U);
}

TEST_F(WatchListTest, OneNotificationServesUntilAllIsRead) {
  const SubscriberId id = add();
  post(id, 1);
  post(id, 2);
  EXPECT_EQ(notify_.size(), 1U);
  ASSERT_NE(watches_.next_event(id), nullptr);
  watches_.pop_event(id);
  post(id, 3);
  EXPECT_EQ(notify_.size(), 1U);
  EXPECT_EQ(read_all(id), (Tokens{2, 3}));
  post(id, 4);
  EXPECT_EQ(notify_.size(), 2U);
}

TEST_F(WatchListTest, SubscribersThatHaveGoneLeaveNoMemory) {
  if (testing::kSanitizerTakesMemory) GTEST_SKIP() << "sanitizers have an allocator of their own";
  constexpr std::size_t kSubscribers = 1'000;
  constexpr std::uint64_t kEvents = 1'000;
  std::vector<SubscriberId> ids;
  for (std::size_t i = 0; i < kSubscribers; ++i) ids.push_back(add());
  const auto used = [] { return mallinfo2().uordblks + mallinfo2().hblkhd; };
  const std::size_t base = used();
  for (const SubscriberId id : ids) {
    for (std::uint64_t token = 0; token < kEvents; ++token) post(id, token);
  }
  notify_.clear();
  ASSERT_GT(used(), base + kSubscribers * kEvents * sizeof(PendingEvent));
  for (const SubscriberId id : ids) watches_.remove(id, SIZE_MAX);
  EXPECT_LT(used(), base + kSubscribers * sizeof(PendingEvent));
}

TEST_F(WatchListTest, FinishTellsEveryWatcherOnce) {
  const std::uint32_t slot = records_.allocate();
  const SubscriberId a = add();
  const SubscriberId b = add();
  watches_.watch(a, slot, 1);
  watches_.watch(b, slot, 2);
  watches_.watch(b, slot, 3);
  EXPECT_EQ(watches_.watches(), 3U);
  EXPECT_EQ(watches_.post_finished(slot, notify_), 3U);
  EXPECT_EQ(watches_.watches(), 0U);
  EXPECT_EQ(notify_.size(), 2U);
  EXPECT_EQ(read_all(a), (Tokens{1}));
  Tokens of_b = read_all(b);
  std::ranges::sort(of_b);
  EXPECT_EQ(of_b, (Tokens{2, 3}));
  EXPECT_EQ(watches_.post_finished(slot, notify_), 0U);
}

TEST_F(WatchListTest, StartLeavesTheWatch) {
  const std::uint32_t slot = records_.allocate();
  const SubscriberId id = add();
  watches_.watch(id, slot, 1);
  watches_.post_started(slot, notify_);
  EXPECT_EQ(watches_.watches(), 1U);
  watches_.post_finished(slot, notify_);
  EXPECT_EQ(read_all(id), (Tokens{1, 1}));
}

TEST_F(WatchListTest, RemovedSubscriberHearsNothingMoreAndOthersDo) {
  const std::uint32_t slot = records_.allocate();
  const std::uint32_t other = records_.allocate();
  const SubscriberId a = add();
  const SubscriberId b = add();
  watches_.watch(a, slot, 1);
  watches_.watch(b, slot, 2);
  watches_.watch(a, slot, 3);
  watches_.watch(a, other, 4);
  EXPECT_TRUE(watches_.remove(a, 100));
  EXPECT_EQ(watches_.watches(), 1U);
  EXPECT_EQ(watches_.subscribers(), 1U);
  EXPECT_EQ(watches_.post_finished(slot, notify_), 1U);
  EXPECT_EQ(watches_.post_finished(other, notify_), 0U);
  EXPECT_EQ(read_all(b), (Tokens{2}));
}

TEST_F(WatchListTest, RemovalGoesInSteps) {
  const SubscriberId id = add();
  for (std::uint64_t token = 0; token < 10; ++token) watches_.watch(id, records_.allocate(), token);
  EXPECT_FALSE(watches_.remove(id, 4));
  EXPECT_EQ(watches_.watches(), 6U);
  EXPECT_FALSE(watches_.remove(id, 4));
  EXPECT_TRUE(watches_.remove(id, 4));
  EXPECT_EQ(watches_.subscribers(), 0U);
}

TEST_F(WatchListTest, NumberOfARemovedSubscriberStartsAfresh) {
  const SubscriberId first = add();
  post(first, 1);
  watches_.remove(first, 1);
  const SubscriberId second = add();
  EXPECT_EQ(watches_.events(second), 0U);
  post(second, 2);
  EXPECT_EQ(notify_.size(), 2U);
  EXPECT_EQ(read_all(second), (Tokens{2}));
}

TEST_F(WatchListTest, ReaderThatNeverReadsToTheEndLosesNothing) {
  const SubscriberId id = add();
  std::uint64_t next = 0;
  std::uint64_t expected = 0;
  for (int i = 0; i < 100; ++i) post(id, next++);
  // Always a hundred events behind.
  for (int i = 0; i < 100'000; ++i) {
    post(id, next++);
    const PendingEvent* const event = watches_.next_event(id);
    ASSERT_NE(event, nullptr);
    ASSERT_EQ(event->token, expected++);
    watches_.pop_event(id);
  }
  EXPECT_EQ(watches_.events(id), 100U);
}

}  // namespace
}  // namespace futured::core
