#include "server/core/id_index.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <random>

#include "tests/support/seed.h"

namespace futured::core {
namespace {

constexpr SessionId kSession{0x0b5f9a3e71c28d40, 0x9e5a};

FutureId id(std::uint64_t counter) { return make_future_id(kSession, counter); }

TEST(IdIndexTest, FindsWhatWasInserted) {
  IdIndex index;
  EXPECT_EQ(index.find(id(1)), kNone);
  index.insert(id(1), 7);
  EXPECT_EQ(index.find(id(1)), 7U);
  // On the same page, on the next, in another session.
  EXPECT_EQ(index.find(id(2)), kNone);
  EXPECT_EQ(index.find(id(65)), kNone);
  EXPECT_EQ(index.find(make_future_id({kSession.high, 0x9e5b}, 1)), kNone);
  EXPECT_EQ(index.find(make_future_id({kSession.high + 1, kSession.low}, 1)), kNone);
}

TEST(IdIndexTest, ErasedOnesAreGoneAndMayComeBack) {
  IdIndex index;
  index.insert(id(1), 7);
  index.erase(id(1));
  EXPECT_EQ(index.find(id(1)), kNone);
  index.insert(id(1), 8);
  EXPECT_EQ(index.find(id(1)), 8U);
}

TEST(IdIndexTest, LargestCounterIsLikeAnyOther) {
  IdIndex index;
  index.insert(id(kMaxCounter), 3);
  EXPECT_EQ(index.find(id(kMaxCounter)), 3U);
  EXPECT_EQ(index.find(id(kMaxCounter - 1)), kNone);
}

TEST(IdIndexTest, AgreesWithAMap) {
  std::mt19937_64 random(testing::announced_seed());
  IdIndex index;
  std::map<FutureId, std::uint32_t> model;
  for (std::uint32_t step = 0; step < 50'000; ++step) {
    const FutureId any = make_future_id({kSession.high + random() % 3, kSession.low}, random() % 1000);
    const auto known = model.find(any);
    ASSERT_EQ(index.find(any), known == model.end() ? kNone : known->second);
    if (known == model.end()) {
      index.insert(any, step);
      model.emplace(any, step);
    } else if (random() % 2 == 0) {
      index.erase(any);
      model.erase(known);
    }
  }
}

}  // namespace
}  // namespace futured::core
