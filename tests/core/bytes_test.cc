#include "server/core/bytes.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace futured::core {
namespace {

TEST(BytesTest, HoldsACopyOfAnyLength) {
  for (const std::size_t size : {0U, 1U, 14U, 15U, 16U, 17U, 255U, 256U, 100'000U}) {
    std::string text(size, 'x');
    const Bytes bytes{text};
    text.assign(size, 'y');
    EXPECT_EQ(bytes.view(), std::string(size, 'x'));
    EXPECT_EQ(bytes.size(), size);
  }
}

TEST(BytesTest, EmptyOnesAreEqual) {
  EXPECT_EQ(Bytes().size(), 0U);
  EXPECT_EQ(Bytes(std::string_view()).view(), "");
  EXPECT_EQ(Bytes("").view(), Bytes().view());
}

TEST(BytesTest, BytesWithinMayBeZeroOrAnything) {
  const std::string text("\0\xff\0a", 4);
  EXPECT_EQ(Bytes(text).view(), text);
  EXPECT_EQ(Bytes(std::string(15, '\xff')).view(), std::string(15, '\xff'));
}

TEST(BytesTest, ShortOnesTakeNoHeap) {
  EXPECT_EQ(Bytes(std::string(15, 'x')).heap_size(), 0U);
  EXPECT_GE(Bytes(std::string(16, 'x')).heap_size(), 16U);
}

TEST(BytesTest, CopiesShareLongBytes) {
  const Bytes bytes(std::string(100, 'x'));
  const Bytes copy = bytes;  // NOLINT(performance-unnecessary-copy-initialization): it is about the copy
  EXPECT_EQ(copy.view().data(), bytes.view().data());
}

TEST(BytesTest, CopyOutlivesItsOrigin) {
  Bytes copy;
  {
    const Bytes bytes(std::string(100, 'x'));
    copy = bytes;
  }
  EXPECT_EQ(copy.view(), std::string(100, 'x'));
}

TEST(BytesTest, MovedFromIsEmpty) {
  for (const std::size_t size : {3U, 100U}) {
    Bytes bytes(std::string(size, 'x'));
    const Bytes moved = std::move(bytes);
    EXPECT_EQ(moved.size(), size);
    EXPECT_EQ(bytes.size(), 0U);  // NOLINT(bugprone-use-after-move): promised
  }
}

TEST(BytesTest, AssigningToItselfChangesNothing) {
  Bytes bytes(std::string(100, 'x'));
  const Bytes& same = bytes;
  bytes = same;
  bytes.swap(bytes);
  EXPECT_EQ(bytes.view(), std::string(100, 'x'));
}

TEST(BytesTest, SwapExchangesShortAndLong) {
  Bytes short_one("ab");
  Bytes long_one(std::string(100, 'x'));
  short_one.swap(long_one);
  EXPECT_EQ(short_one.size(), 100U);
  EXPECT_EQ(long_one.view(), "ab");
}

TEST(BytesTest, ThreadsMayCopyWhatTheyShare) {
  const Bytes bytes(std::string(100, 'x'));
  std::vector<std::thread> threads;
  std::vector<std::size_t> sizes(4);
  for (std::size_t& size : sizes) {
    threads.emplace_back([own = bytes, &size] {
      for (int i = 0; i < 10'000; ++i) {
        size += Bytes(own).view().size();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(sizes, std::vector<std::size_t>(4, 1'000'000));
  EXPECT_EQ(bytes.view(), std::string(100, 'x'));
}

}  // namespace
}  // namespace futured::core
