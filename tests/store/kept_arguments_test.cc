// Arguments of futures that have ended: which of them a store keeps.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/core/checksum.h"
#include "tests/store/store_fixture.h"

namespace futured::store {
namespace {

using core::Outcome;
using testing::Life;
using testing::ListOf;

class KeptArgumentsTest : public testing::StoreFixture {};

TEST_F(KeptArgumentsTest, AreThoseOfWhatFailed) {
  open();
  const auto hash = static_cast<std::uint64_t>(core::Checksum().add(std::string_view("arguments")).value());
  const auto failed = Outcome::failed({core::Origin::kTask, "ValueError", "no", "", nullptr, 1, ""});
  Life in_two_commits(1);
  Life in_one_commit(2);
  Life damaged(3);
  in_two_commits.task.arguments_hash = in_one_commit.task.arguments_hash = hash;
  commit(ListOf{in_two_commits.submit()});
  commit(ListOf{in_two_commits.end(failed, 3), in_one_commit.submit(), in_one_commit.end(Outcome::cancelled(), 3),
                damaged.submit(), damaged.end(failed, 3)});
  reopen();
  std::vector<std::string> arguments;
  ASSERT_TRUE(store_->load([&](const std::vector<core::StoredFuture>& futures) {
    for (const core::StoredFuture& future : futures) arguments.emplace_back(future.task.arguments.view());
  }));
  EXPECT_EQ(arguments, (std::vector<std::string>{"arguments", "arguments", ""}));
}

}  // namespace
}  // namespace futured::store
