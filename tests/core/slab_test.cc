#include "server/core/slab.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace futured::core {
namespace {

struct Item {
  std::uint32_t next = kNone;
  int value = 0;
};

TEST(SlabTest, IndicesInUseDiffer) {
  Slab<Item> slab;
  std::set<std::uint32_t> indices;
  for (int i = 0; i < 5000; ++i) indices.insert(slab.allocate());
  EXPECT_EQ(indices.size(), 5000U);
  EXPECT_EQ(slab.used(), 5000U);
  EXPECT_LT(*indices.rbegin(), slab.capacity());
}

TEST(SlabTest, AddressesStayWhileItGrows) {
  Slab<Item> slab;
  const std::uint32_t first = slab.allocate();
  Item* const address = &slab[first];
  address->value = 7;
  for (int i = 0; i < 100'000; ++i) slab.allocate();
  EXPECT_EQ(&slab[first], address);
  EXPECT_EQ(slab[first].value, 7);
}

TEST(SlabTest, FreedOnesAreUsedAgainBeforeItGrows) {
  Slab<Item> slab;
  std::vector<std::uint32_t> indices;
  while (indices.empty() || slab.used() < slab.capacity()) indices.push_back(slab.allocate());
  const std::uint32_t capacity = slab.capacity();
  for (const std::uint32_t index : indices) slab.free(index);
  EXPECT_EQ(slab.used(), 0U);
  for (std::size_t i = 0; i < indices.size(); ++i) slab.allocate();
  EXPECT_EQ(slab.capacity(), capacity);
  slab.allocate();
  EXPECT_GT(slab.capacity(), capacity);
}

}  // namespace
}  // namespace futured::core
