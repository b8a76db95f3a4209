#include "server/store/backup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <iterator>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/store/store_fixture.h"

namespace futured::store {
namespace {

using testing::describe;
using ::testing::HasSubstr;
using testing::Life;
using testing::ListOf;

bool wanted() { return false; }

class BackupTest : public testing::StoreFixture {
 protected:
  core::Result<void> backup() { return store_->backup(folder("copy.db"), wanted); }
  void submit_many() {
    std::vector<core::Transition> submits;
    for (std::uint64_t i = 1; i <= 5000; ++i) submits.push_back(Life(i).submit());
    commit(std::move(submits));
  }
  // There is nothing but the data.
  bool left_nothing() const {
    const std::filesystem::directory_iterator files(temporary_.path());
    return std::distance(begin(files), end(files)) == 1;
  }
  // Puts the copy in the place of a database.
  void restore(const std::filesystem::path& copy) {
    close();
    options_.directory = folder("restored");
    std::filesystem::create_directory(options_.directory);
    std::filesystem::permissions(options_.directory, std::filesystem::perms::owner_all);
    std::filesystem::copy_file(copy, database());
    open();
  }
};

TEST_F(BackupTest, CopyTakesThePlaceOfTheDatabase) {
  open();
  Life life(1);
  commit(ListOf{life.submit()});
  const std::string id = store_->store_id();
  const auto done = backup();
  ASSERT_TRUE(done) << done.error().message;
  commit(ListOf{Life(2).submit()});
  restore(folder("copy.db"));
  EXPECT_EQ(load(), (Futures{{1, describe(life.held())}}));
  EXPECT_EQ(store_->store_id(), id);
}

TEST_F(BackupTest, ExistingFileIsRefusedAndLeftAlone) {
  open();
  write_file(folder("copy.db"), "mine");
  const auto done = backup();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().reason, core::Reason::kCopyExists);
  EXPECT_THAT(done.error().message, HasSubstr("copy.db"));
  EXPECT_EQ(read_file(folder("copy.db")), "mine");
}

TEST_F(BackupTest, FolderThatIsNotThereIsNamed) {
  open();
  const auto done = store_->backup(folder("nowhere") / "copy.db", wanted);
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("nowhere/copy.db"));
}

TEST_F(BackupTest, CopyOfABusyDatabaseIsAPrefixOfItsHistory) {
  open();
  submit_many();
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    for (std::uint64_t i = 5001; !stop; ++i) commit(ListOf{Life(i).submit()});
  });
  const auto done = backup();
  stop = true;
  writer.join();
  ASSERT_TRUE(done) << done.error().message;
  restore(folder("copy.db"));
  const auto futures = load();
  EXPECT_GE(futures.size(), 5000u);
  EXPECT_EQ(futures.rbegin()->first, futures.size());
}

TEST_F(BackupTest, CopyThatTakesTooLongEndsAndLeavesNothing) {
  open();
  submit_many();
  auto reader = Connection::open(database(), SQLITE_OPEN_READONLY, "");
  ASSERT_TRUE(reader);
  const auto done = back_up(*reader, folder("copy.db"), [] { return true; });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().reason, core::Reason::kCopyTookTooLong);
  EXPECT_TRUE(left_nothing());
  commit(ListOf{Life(5001).submit()});
}

TEST_F(BackupTest, UnwantedCopyEndsAndLeavesNothing) {
  open();
  submit_many();
  const auto done = store_->backup(folder("copy.db"), [] { return true; });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().reason, core::Reason::kCallerGone);
  EXPECT_THAT(done.error().message, HasSubstr("nobody wants"));
  EXPECT_TRUE(left_nothing());
}

TEST_F(BackupTest, CopyThatWouldFillTheDiskIsRefusedWithADelay) {
  options_.low_water = std::uint64_t{1} << 60;
  open();
  const auto done = backup();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().reason, core::Reason::kDiskFull);
  EXPECT_THAT(done.error().message, HasSubstr("nearly full"));
  EXPECT_GT(done.error().retry_delay.count(), 0);
  EXPECT_TRUE(left_nothing());
}

}  // namespace
}  // namespace futured::store
