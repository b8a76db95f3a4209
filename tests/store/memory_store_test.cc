#include "server/store/memory_store.h"

#include <gtest/gtest.h>

namespace futured::store {
namespace {

TEST(MemoryStoreTest, WantsNoTransitions) { EXPECT_FALSE(MemoryStore().wants_transitions()); }

TEST(MemoryStoreTest, SaysAtOnceThatAllIsAsSafeAsItWillBe) {
  MemoryStore store;
  int calls = 0;
  store.append({}, [&calls] { ++calls; });
  store.append({core::Transition()}, [&calls] { ++calls; });
  EXPECT_EQ(calls, 2);
}

TEST(MemoryStoreTest, HasNothingToCopy) {
  const auto done = MemoryStore().backup("copy.db", [] { return false; });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().reason, core::Reason::kStoreInMemory);
}

}  // namespace
}  // namespace futured::store
