// The process dies at each named point; what was acknowledged before is there afterwards.
#include "server/core/crash_point.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>

#include <fstream>
#include <string>

#include "tests/store/store_fixture.h"

namespace futured::store {
namespace {

using core::Outcome;
using testing::Life;
using testing::ListOf;

constexpr const char* kFolder = "FUTURED_TEST_FOLDER";
constexpr std::uint64_t kFutures = 40;

class CrashPointTest : public testing::StoreFixture, public ::testing::WithParamInterface<const char*> {
 protected:
  // A death test of this style starts the program again, which finds the folder in its environment.
  void SetUp() override {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    if (::getenv(kFolder) == nullptr) ::setenv(kFolder, folder("shared").c_str(), 1);
    options_.directory = ::getenv(kFolder);
    options_.log_limit = 64 << 10;
  }
  void TearDown() override {
    ::unsetenv(kFolder);
    ::unsetenv("FUTURED_CRASH_AT");
  }
  std::string ledger() const { return options_.directory.string() + ".ledger"; }

  // Until it dies: lives come and go, and the ledger tells which were acknowledged as submitted.
  void run_lives() {
    // The folder of this process, which is empty: nobody removes it after its death.
    std::filesystem::remove(temporary_.path());
    std::ofstream acknowledged(ledger());
    open();
    for (std::uint64_t i = 1; i <= kFutures; ++i) {
      Life life(i);
      life.task.arguments = core::Bytes(std::string(2000, 'x'));
      commit(ListOf{life.submit()});
      acknowledged << i << std::endl;
      if (i % 4 != 0) continue;
      commit(ListOf{life.end(Outcome::cancelled(), 3)});
      acknowledged << -static_cast<std::int64_t>(i) << std::endl;
      commit(ListOf{life.forget(4)});
    }
    close();
  }
};

TEST_P(CrashPointTest, NothingAcknowledgedIsLost) {
  ::setenv("FUTURED_CRASH_AT", GetParam(), 1);
  EXPECT_EXIT(run_lives(), ::testing::KilledBySignal(SIGKILL), "");
  open();
  const auto kept = load();
  std::ifstream acknowledged(ledger());
  std::int64_t entry = 0;
  std::map<std::int64_t, bool> may_be_gone;
  while (acknowledged >> entry) may_be_gone[std::abs(entry)] = entry < 0;
  for (const auto& [sequence, gone] : may_be_gone) {
    EXPECT_TRUE(gone || kept.contains(static_cast<std::uint64_t>(sequence))) << "future " << sequence << " was lost";
  }
  commit(ListOf{Life(1000).submit()});
}

std::string name_of(const ::testing::TestParamInfo<const char*>& info) {
  std::string name;
  for (const char c : std::string(info.param)) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) name += c;
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(Points, CrashPointTest,
                         ::testing::Values("store.before_migration", "store.in_migration", "store.after_migration",
                                           "store.before_insert:5", "store.after_insert:5", "store.before_commit:7",
                                           "store.after_commit:7", "store.before_acknowledgement:9",
                                           "store.after_acknowledgement:9", "store.before_checkpoint",
                                           "store.after_checkpoint", "store.before_checkpoint:2",
                                           "store.before_delete:2", "store.after_delete:2", "store.marked_clean"),
                         name_of);

}  // namespace
}  // namespace futured::store
