#include "server/transition_log.h"

#include <gtest/gtest.h>

#include "server/core/clock.h"
#include "server/store/memory_store.h"
#include "tests/support/recording_store.h"

namespace futured::server {
namespace {

class TransitionLogTest : public ::testing::Test {
 protected:
  core::SystemClock clock_;
  Logger logger_{{}, clock_};
};

TEST_F(TransitionLogTest, KeepsFuturesOnlyIfItsStoreDoes) {
  store::MemoryStore memory;
  const TransitionLog of_memory(memory, logger_);
  EXPECT_TRUE(of_memory.wants_transitions());
  EXPECT_FALSE(of_memory.keeps_futures());
  testing::RecordingStore recording;
  const TransitionLog of_recording(recording, logger_);
  EXPECT_TRUE(of_recording.keeps_futures());
}

}  // namespace
}  // namespace futured::server
