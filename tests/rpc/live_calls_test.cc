#include "server/rpc/live_calls.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace futured::rpc {
namespace {

class IdleCall final : public LiveCall {
 public:
  void end(const core::Status&) override {}
};

class LiveCallsTest : public ::testing::Test {
 protected:
  void come(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      all_.push_back(std::make_shared<IdleCall>());
      calls_.add(all_.back());
    }
  }
  void go(std::size_t count) {
    for (; count > 0; --count) {
      calls_.remove(all_.back().get());
      all_.pop_back();
    }
  }

  int ebbs_ = 0;
  LiveCalls calls_{[this] { ++ebbs_; }};
  std::vector<std::shared_ptr<LiveCall>> all_;
};

TEST_F(LiveCallsTest, TellsOnceThatACrowdHasGone) {
  come(2'000);
  go(1'800);
  EXPECT_EQ(ebbs_, 0) << "a tenth is left";
  go(1);
  EXPECT_EQ(ebbs_, 1);
  go(199);
  EXPECT_EQ(ebbs_, 1);
  EXPECT_EQ(calls_.size(), 0u);
}

TEST_F(LiveCallsTest, TellsOfEachCrowd) {
  for (int crowd = 1; crowd <= 3; ++crowd) {
    come(LiveCalls::kCrowd);
    go(LiveCalls::kCrowd);
    EXPECT_EQ(ebbs_, crowd);
  }
}

TEST_F(LiveCallsTest, FewAreNoCrowd) {
  for (int i = 0; i < 3; ++i) {
    come(LiveCalls::kCrowd - 1);
    go(LiveCalls::kCrowd - 1);
  }
  EXPECT_EQ(ebbs_, 0);
}

}  // namespace
}  // namespace futured::rpc
