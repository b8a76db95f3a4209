#include "server/memory_trim.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <memory>
#include <vector>

#include "tests/support/eventually.h"
#include "tests/support/sanitizers.h"

namespace futured::server {
namespace {

using testing::eventually;

constexpr std::size_t kPiece = 64 << 10;
constexpr std::size_t kPieces = 2'000;

using Pieces = std::vector<std::unique_ptr<char[]>>;

// As many calls are in memory: in small pieces, of which a few stay.
void grow(Pieces& pieces, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    pieces.push_back(std::make_unique<char[]>(kPiece));
    std::memset(pieces.back().get(), 1, kPiece);
  }
}

MemoryTrim::Settings at_once(std::function<void()> trim) {
  return {std::chrono::nanoseconds(0), std::chrono::nanoseconds(0), std::uint64_t{16} << 20, std::move(trim)};
}

class MemoryTrimTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (testing::kSanitizerTakesMemory) GTEST_SKIP() << "sanitizers have an allocator of their own";
  }
  // What malloc does not give back by itself: there is something above it that stays.
  void leave_unused() {
    Pieces goes;
    grow(goes, kPieces);
    grow(stays_, 1);
  }

  Pieces stays_;
  std::atomic<int> trims_{0};
};

TEST_F(MemoryTrimTest, GivesBackWhatMallocKeeps) {
  MemoryTrim trim(at_once(MemoryTrim::give_back));
  const auto base = resident_bytes();
  leave_unused();
  const auto grown = resident_bytes();
  ASSERT_GT(grown, base + kPiece * kPieces / 2) << "malloc gives it back by itself";
  trim.ask();
  EXPECT_TRUE(eventually([&] { return resident_bytes() < base + (grown - base) / 4; }));
}

TEST_F(MemoryTrimTest, GivesBackWhatWasInUseAtTheTimeOfTheLast) {
  MemoryTrim trim(at_once([&] {
    MemoryTrim::give_back();
    ++trims_;
  }));
  const auto base = resident_bytes();
  {
    Pieces unused;
    grow(unused, kPieces);
    Pieces in_use;
    grow(in_use, kPieces);
    unused.clear();
    trim.ask();
    EXPECT_TRUE(eventually([&] { return trims_ == 1; }));
    EXPECT_GT(resident_bytes(), base + kPiece * kPieces / 2);
    grow(stays_, 1);
  }
  trim.ask();
  EXPECT_TRUE(eventually([&] { return resident_bytes() < base + kPiece * kPieces / 4; }));
}

TEST_F(MemoryTrimTest, LeavesAloneWhatIsInUse) {
  Pieces in_use;
  {
    MemoryTrim trim(at_once([&] { ++trims_; }));
    grow(in_use, kPieces);
    for (int i = 0; i < 100; ++i) trim.ask();
    leave_unused();
    trim.ask();
    EXPECT_TRUE(eventually([&] { return trims_ > 0; }));
    for (int i = 0; i < 100; ++i) trim.ask();
  }
  EXPECT_EQ(trims_, 1);
}

TEST_F(MemoryTrimTest, RestsBetweenTwo) {
  {
    MemoryTrim::Settings settings = at_once([&] { ++trims_; });
    settings.pause = std::chrono::hours(1);
    MemoryTrim trim(std::move(settings));
    leave_unused();
    trim.ask();
    EXPECT_TRUE(eventually([&] { return trims_ == 1; }));
    Pieces in_use;
    grow(in_use, 2 * kPieces);
    leave_unused();
    for (int i = 0; i < 100; ++i) trim.ask();
  }
  EXPECT_EQ(trims_, 1);
}

}  // namespace
}  // namespace futured::server
