// Calls whose callers are no longer let in.
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "server/rpc/live_calls.h"

namespace futured::rpc {
namespace {

class FakeCall final : public LiveCall {
 public:
  void end(const core::Status& status) override { ended = status.message; }
  std::optional<std::string> ended;
};

Caller caller(core::AccountIndex account) { return {account, nullptr}; }

// Only the first account is good.
core::Result<void> only_first(const Caller& caller) {
  if (caller.account == 1) return {};
  return core::failure(core::Reason::kCredentialsExpired, "expired");
}

class LiveCallsCheckTest : public ::testing::Test {
 protected:
  std::shared_ptr<FakeCall> add(core::AccountIndex account) {
    auto call = std::make_shared<FakeCall>();
    calls_.add(call, caller(account));
    return call;
  }
  LiveCalls calls_;
};

TEST_F(LiveCallsCheckTest, EndsThoseThatFailAndNoOthers) {
  const auto good = add(1);
  const auto bad = add(2);
  calls_.end_unless(only_first);
  EXPECT_EQ(good->ended, std::nullopt);
  EXPECT_EQ(bad->ended, "expired");
}

// Its caller may have been admitted before the check was made.
TEST_F(LiveCallsCheckTest, OneThatIsEnteredAfterwardsIsChecked) {
  calls_.end_unless(only_first);
  EXPECT_EQ(add(1)->ended, std::nullopt);
  EXPECT_EQ(add(2)->ended, "expired");
}

TEST_F(LiveCallsCheckTest, EndOfAllOutranksTheCheck) {
  calls_.end_unless(only_first);
  calls_.end_all({core::Reason::kDaemonStopping, "the end"});
  EXPECT_EQ(add(2)->ended, "the end");
}

}  // namespace
}  // namespace futured::rpc
