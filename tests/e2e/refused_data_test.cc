// The real daemon on files that it must not take: it says which and why, ends with code 1, and leaves them as they are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <map>
#include <string>
#include <utility>

#include "server/store/sqlite.h"
#include "tests/store/store_fixture.h"
#include "tests/support/daemon_process.h"

namespace futured {
namespace {

using ::testing::AllOf;
using testing::DaemonProcess;
using ::testing::HasSubstr;
using testing::Life;
using testing::ListOf;

class RefusedDataTest : public testing::StoreFixture {
 protected:
  using Files = std::map<std::string, std::string>;

  // As a daemon leaves it that was killed, with all of it in the log.
  void fill() {
    open();
    for (std::uint64_t i = 1; i <= 20; ++i) {
      Life life(i);
      life.task.arguments = core::Bytes(std::string(2000, 'x'));
      commit(ListOf{life.submit()});
    }
    crash();
  }
  // The lock, which every daemon takes first, is no part of the data.
  Files files() const {
    Files found;
    for (const auto& entry : std::filesystem::directory_iterator(options_.directory)) {
      const std::string name = entry.path().filename();
      if (name != "lock") found[name] = read_file(entry.path());
    }
    return found;
  }
  // Twice, as a service manager would try again.
  void expect_refused(const ::testing::Matcher<std::string>& message) const {
    const Files before = files();
    for (int i = 0; i < 2; ++i) {
      DaemonProcess daemon({"--data-dir=" + options_.directory.string()});
      EXPECT_EQ(daemon.exit_code(), 1);
      EXPECT_THAT(daemon.output(), message);
      EXPECT_TRUE(files() == before) << "files were changed, made or removed";
    }
  }
  // Takes it, and ends in order.
  void expect_taken(std::size_t futures) {
    {
      DaemonProcess daemon({"--data-dir=" + options_.directory.string()});
      EXPECT_NE(daemon.address(), "") << daemon.output();
      daemon.send(SIGTERM);
      EXPECT_EQ(daemon.exit_code(), 0) << daemon.output();
    }
    open();
    EXPECT_EQ(load().size(), futures);
    close();
  }
};

TEST_F(RefusedDataTest, DamagedLog) {
  fill();
  const std::string whole = read_file(log());
  std::string damaged = whole;
  damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 1);
  write_file(log(), damaged);
  expect_refused(HasSubstr(log().string() + " is damaged"));
  write_file(log(), whole);
  expect_taken(20);
}

TEST_F(RefusedDataTest, ForeignFileInPlaceOfTheLog) {
  fill();
  const std::string whole = read_file(log());
  write_file(log(), std::string(50'000, 'f'));
  expect_refused(HasSubstr(log().string() + " is damaged"));
  write_file(log(), whole);
  expect_taken(20);
}

TEST_F(RefusedDataTest, MissingLogAfterACrash) {
  fill();
  const std::string whole = read_file(log());
  std::filesystem::remove(log());
  write_file(options_.directory / "futured.db-shm", "");
  expect_refused(AllOf(HasSubstr(log().string()), HasSubstr("is missing")));
  write_file(log(), whole);
  ::chmod(log().c_str(), 0600);
  expect_taken(20);
}

TEST_F(RefusedDataTest, LogWithoutItsDatabase) {
  fill();
  const std::string whole = read_file(database());
  std::filesystem::remove(database());
  expect_refused(AllOf(HasSubstr(database().string() + " is missing"), HasSubstr(log().string())));
  write_file(database(), whole);
  ::chmod(database().c_str(), 0600);
  expect_taken(20);
}

TEST_F(RefusedDataTest, DatabaseOfAnotherProgram) {
  std::filesystem::create_directory(options_.directory);
  std::filesystem::permissions(options_.directory, std::filesystem::perms::owner_all);
  {
    auto foreign = store::Connection::open(database(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "");
    ASSERT_TRUE(foreign && foreign->execute("CREATE TABLE futures (a)"));
  }
  ::chmod(database().c_str(), 0600);
  expect_refused(HasSubstr(database().string() + " is a database of another program"));
}

TEST_F(RefusedDataTest, DatabaseOfANewerDaemon) {
  open();
  close();
  {
    auto connection = store::Connection::open(database(), SQLITE_OPEN_READWRITE, "");
    ASSERT_TRUE(connection && connection->execute("PRAGMA user_version = 99") &&
                connection->checkpoint(SQLITE_CHECKPOINT_TRUNCATE));
  }
  const std::string content = read_file(database());
  DaemonProcess daemon({"--data-dir=" + options_.directory.string()});
  EXPECT_EQ(daemon.exit_code(), 1);
  EXPECT_THAT(daemon.output(), AllOf(HasSubstr(database().string()), HasSubstr("was used by a newer one")));
  EXPECT_TRUE(read_file(database()) == content);
}

TEST_F(RefusedDataTest, TruncatedDatabase) {
  fill();
  // All of it in the database.
  expect_taken(20);
  const std::string whole = read_file(database());
  write_file(database(), whole.substr(0, whole.size() / 2));
  DaemonProcess daemon({"--data-dir=" + options_.directory.string()});
  EXPECT_EQ(daemon.exit_code(), 1);
  EXPECT_THAT(daemon.output(), HasSubstr(database().string()));
  EXPECT_TRUE(read_file(database()) == whole.substr(0, whole.size() / 2));
  write_file(database(), whole);
  expect_taken(20);
}

// What an environment says that cannot be understood is no reason to run without it.
TEST_F(RefusedDataTest, FaultThatIsNone) {
  DaemonProcess daemon({"--data-dir=" + options_.directory.string()}, {"FUTURED_FAULT_AT=sync"});
  EXPECT_EQ(daemon.exit_code(), 1);
  EXPECT_THAT(daemon.output(), HasSubstr("FUTURED_FAULT_AT=sync is not KIND:N"));
}

class ReadOnlyDiskTest : public RefusedDataTest {
 protected:
  // A file system in mounts of this process's own.
  void SetUp() override {
    std::filesystem::create_directory(disk_);
    if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tmpfs", disk_.c_str(), "tmpfs", 0, "size=64m") != 0) {
      GTEST_SKIP() << "needs root";
    }
    options_.directory = disk_ / "data";
  }
  void TearDown() override {
    close();
    ::umount2(disk_.c_str(), MNT_DETACH);
  }
  void remount(bool read_only) {
    ASSERT_EQ(::mount(nullptr, disk_.c_str(), nullptr, MS_REMOUNT | (read_only ? MS_RDONLY : 0), nullptr), 0);
  }

  const std::filesystem::path disk_ = folder("disk");
};

TEST_F(ReadOnlyDiskTest, IsRefusedUntilItCanBeWritten) {
  open();
  commit(ListOf{Life(1).submit()});
  close();
  remount(true);
  expect_refused(AllOf(HasSubstr(options_.directory.string()), HasSubstr("Read-only file system")));
  remount(false);
  expect_taken(1);
}

TEST_F(ReadOnlyDiskTest, WithoutDataIsRefusedToo) {
  remount(true);
  DaemonProcess daemon({"--data-dir=" + options_.directory.string()});
  EXPECT_EQ(daemon.exit_code(), 1);
  EXPECT_THAT(daemon.output(), AllOf(HasSubstr(options_.directory.string()), HasSubstr("Read-only file system")));
}

}  // namespace
}  // namespace futured
