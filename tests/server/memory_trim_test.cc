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

TEST(MemoryTrimTest, GivesBackWhatMallocKeeps) {
  if (testing::kSanitizerTakesMemory) GTEST_SKIP() << "sanitizers have an allocator of their own";
  Pieces stays;
  MemoryTrim trim(at_once(MemoryTrim::give_back));
  const auto base = resident_bytes();
  {
    Pieces goes;
    grow(goes, kPieces);
    // On top, so that malloc does not give back the rest by itself.
    grow(stays, 1);
  }
  const auto grown = resident_bytes();
  ASSERT_GT(grown, base + kPiece * kPieces / 2) << "malloc gives it back by itself";
  trim.ask();
  EXPECT_TRUE(eventually([&] { return resident_bytes() < base + (grown - base) / 4; }));
}

TEST(MemoryTrimTest, LeavesAloneWhatHasNotGrown) {
  std::atomic<int> trims{0};
  {
    MemoryTrim trim(at_once([&] { ++trims; }));
    Pieces pieces;
    for (int asked = 1; asked <= 2; ++asked) {
      grow(pieces, kPieces);
      trim.ask();
      EXPECT_TRUE(eventually([&] { return trims == asked; }));
    }
    for (int i = 0; i < 100; ++i) trim.ask();
  }
  EXPECT_EQ(trims, 2);
}

TEST(MemoryTrimTest, RestsBetweenTwo) {
  std::atomic<int> trims{0};
  {
    MemoryTrim::Settings settings = at_once([&] { ++trims; });
    settings.pause = std::chrono::hours(1);
    MemoryTrim trim(std::move(settings));
    Pieces pieces;
    for (int i = 0; i < 3; ++i) {
      grow(pieces, kPieces);
      trim.ask();
      EXPECT_TRUE(eventually([&] { return trims == 1; }));
    }
  }
  EXPECT_EQ(trims, 1);
}

}  // namespace
}  // namespace futured::server
