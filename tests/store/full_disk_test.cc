// A disk that fills up, and has room again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <string>

#include "server/store/backup.h"
#include "tests/store/store_fixture.h"

namespace futured::store {
namespace {

using core::Bytes;
using core::Outcome;
using ::testing::Contains;
using testing::describe;
using testing::Durable;
using ::testing::HasSubstr;
using testing::Life;
using testing::ListOf;

constexpr std::uint64_t kDisk = 4 << 20;
constexpr std::uint64_t kBallast = 512 << 10;

class FullDiskTest : public testing::StoreFixture {
 protected:
  // A small file system in a mount namespace of this thread and those that it starts: it ends with them.
  void SetUp() override {
    disk_ = folder("disk");
    std::filesystem::create_directory(disk_);
    const std::string size = "size=" + std::to_string(kDisk);
    if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tmpfs", disk_.c_str(), "tmpfs", 0, size.c_str()) != 0) {
      GTEST_SKIP() << "needs root";
    }
    options_.directory = disk_ / "data";
    options_.ballast = kBallast;
    options_.low_water = 0;
  }
  void TearDown() override {
    close();
    ::umount2(disk_.c_str(), MNT_DETACH);
  }

  // Leaves so many bytes.
  void fill_disk(std::uint64_t leave) {
    const auto free = std::filesystem::space(disk_).available;
    ASSERT_GT(free, leave);
    write_file(disk_ / "filler", std::string(free - leave, 'f'));
  }
  void empty_disk() { std::filesystem::remove(disk_ / "filler"); }

  // The next one that is refused for this reason, in time; or none.
  core::Status wait_for_refusal(bool refused) {
    const auto end = std::chrono::steady_clock::now() + testing::kPatience;
    for (;;) {
      const auto refusal = store_->refusal();
      if (refusal.has_value() == refused || std::chrono::steady_clock::now() > end) {
        return refusal.value_or(core::Status{core::Reason::kCallerGone, ""});
      }
      std::this_thread::yield();
    }
  }
  static Life large(std::uint64_t sequence, std::size_t bytes) {
    Life life(sequence);
    life.task.arguments = Bytes(std::string(bytes, 'x'));
    return life;
  }

  std::filesystem::path disk_;
};

TEST_F(FullDiskTest, WhatCannotBeWrittenWaitsUnacknowledgedUntilThereIsRoom) {
  open();
  fill_disk(100'000);
  Life life = large(1, 1'500'000);
  Durable durable;
  store_->append(ListOf{life.submit()}, durable.callback());
  const auto refusal = wait_for_refusal(true);
  EXPECT_EQ(refusal.reason, core::Reason::kDiskFull);
  EXPECT_THAT(refusal.message, HasSubstr(options_.directory.string()));
  EXPECT_THAT(refusal.message, HasSubstr("is full"));
  EXPECT_GT(refusal.retry_delay.count(), 0);
  EXPECT_FALSE(durable.is_durable());
  empty_disk();
  EXPECT_TRUE(durable.wait());
  EXPECT_GT(store_->stats().retries, 0U);
  EXPECT_TRUE(events_.failures().empty());
  EXPECT_TRUE(load() == (Futures{{1, describe(life.held())}}));
}

TEST_F(FullDiskTest, BallastLetsTheEndsOfTasksBeRecorded) {
  open();
  Life life(1);
  commit(ListOf{life.submit(), life.start(2)});
  fill_disk(0);
  commit(ListOf{life.end(Outcome::succeeded(Bytes(std::string(50'000, 'v'))), 3)});
  EXPECT_TRUE(store_->refusal());
  EXPECT_FALSE(std::filesystem::exists(options_.directory / "ballast"));
  EXPECT_TRUE(load() == (Futures{{1, describe(life.held())}}));
}

TEST_F(FullDiskTest, BallastIsMadeAgainAndFuturesAreTakenAgain) {
  open();
  Life life(1);
  commit(ListOf{life.submit()});
  fill_disk(0);
  commit(ListOf{life.end(Outcome::succeeded(Bytes(std::string(50'000, 'v'))), 3)});
  wait_for_refusal(true);
  empty_disk();
  EXPECT_EQ(wait_for_refusal(false).message, "");
  EXPECT_EQ(std::filesystem::file_size(options_.directory / "ballast"), kBallast);
  commit(ListOf{Life(2).submit()});
}

TEST_F(FullDiskTest, BallastLetsTheStoreOpen) {
  open();
  Life life(1);
  commit(ListOf{life.submit()});
  close();
  fill_disk(0);
  open();
  EXPECT_EQ(load(), (Futures{{1, describe(life.held())}}));
}

TEST_F(FullDiskTest, FuturesAreRefusedBelowTheLowWaterMark) {
  options_.low_water = kDisk;
  open();
  const auto refusal = store_->refusal();
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->reason, core::Reason::kDiskFull);
  EXPECT_THAT(refusal->message, HasSubstr("nearly full"));
  EXPECT_THAT(events_.warnings(), Contains(refusal->message));
  commit(ListOf{Life(1).submit()});
}

TEST_F(FullDiskTest, CopyThatDoesNotFitIsRefusedAndLeavesNothing) {
  const auto wanted = [] { return false; };
  open();
  commit(ListOf{large(1, 500'000).submit()});
  fill_disk(100'000);
  const auto refused = store_->backup(disk_ / "copy.db", wanted);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, core::Reason::kDiskFull) << refused.error().message;
  auto reader = Connection::open(database(), SQLITE_OPEN_READONLY, "");
  ASSERT_TRUE(reader);
  const auto begun = back_up(*reader, disk_ / "copy.db", wanted);
  ASSERT_FALSE(begun);
  EXPECT_EQ(begun.error().reason, core::Reason::kDiskFull) << begun.error().message;
  EXPECT_FALSE(std::filesystem::exists(disk_ / "copy.db"));
  EXPECT_FALSE(std::filesystem::exists(disk_ / "copy.db.partial"));
  empty_disk();
  EXPECT_TRUE(store_->backup(disk_ / "copy.db", wanted));
}

TEST_F(FullDiskTest, CloseOnAFullDiskEndsAndKeepsWhatWasAcknowledged) {
  options_.ballast = 0;
  open();
  Life life(1);
  commit(ListOf{life.submit()});
  fill_disk(0);
  Life waiting = large(2, 1'500'000);
  Durable durable;
  store_->append(ListOf{waiting.submit()}, durable.callback());
  close();
  EXPECT_FALSE(durable.is_durable());
  empty_disk();
  open();
  EXPECT_TRUE(load() == (Futures{{1, describe(life.held())}}));
}

}  // namespace
}  // namespace futured::store
