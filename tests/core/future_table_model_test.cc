// FutureTable against its model: random operations, the same answers, events, states and gauges after each.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "server/store/memory_store.h"
#include "tests/core/model_pair.h"
#include "tests/support/recording_store.h"
#include "tests/support/seed.h"

namespace futured::core {
namespace {

constexpr int kOperations = 10'000;

void run(std::uint64_t seed, Store& store) {
  ModelPair pair(seed, store);
  for (int i = 0; i < kOperations; ++i) {
    pair.step();
    if (!::testing::Test::HasFailure()) pair.check();
    if (::testing::Test::HasFailure()) {
      FAIL() << "operation " << i << " of FUTURED_TEST_SEED=" << seed;
    }
  }
  pair.finish();
}

TEST(FutureTableModelTest, DoesWhatItsModelDoes) {
  store::MemoryStore store;
  run(testing::announced_seed(), store);
}

TEST(FutureTableModelTest, DoesTheSameAndTellsItsStore) {
  testing::RecordingStore store;
  run(testing::announced_seed(), store);
  EXPECT_EQ(store.problems(), std::vector<std::string>());
}

}  // namespace
}  // namespace futured::core
