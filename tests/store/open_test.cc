// What a data directory and its files must look like.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "server/store/schema.h"
#include "tests/store/store_fixture.h"
#include "tests/support/foreign_visit.h"

namespace futured::store {
namespace {

using ::testing::AllOf;
using testing::describe;
using ::testing::HasSubstr;
using testing::Life;
using testing::ListOf;

class OpenTest : public testing::StoreFixture {
 protected:
  static mode_t mode_of(const std::filesystem::path& path) {
    struct stat found = {};
    EXPECT_EQ(::stat(path.c_str(), &found), 0);
    return found.st_mode & 07777;
  }
  std::filesystem::path folder_with_mode(mode_t mode) {
    std::filesystem::create_directory(options_.directory);
    EXPECT_EQ(::chmod(options_.directory.c_str(), mode), 0);
    return options_.directory;
  }
  void change_database(const std::string& sql) {
    auto connection = Connection::open(database(), SQLITE_OPEN_READWRITE, "");
    ASSERT_TRUE(connection);
    const auto done = connection->execute(sql);
    ASSERT_TRUE(done) << done.error().message;
    ASSERT_TRUE(connection->checkpoint(SQLITE_CHECKPOINT_TRUNCATE));
  }
};

TEST_F(OpenTest, FolderAndFilesAreTheOwnersAlone) {
  options_.directory = folder("a") / "b" / "data";
  open();
  EXPECT_EQ(mode_of(options_.directory), 0700u);
  for (const char* name : {"futured.db", "futured.db-wal", "futured.db-shm", "lock"}) {
    EXPECT_EQ(mode_of(options_.directory / name), 0600u) << name;
  }
}

TEST_F(OpenTest, SecondStoreIsRefusedAndToldWhoHoldsTheFolder) {
  open();
  EXPECT_THAT(refusal(), AllOf(HasSubstr(options_.directory.string()), HasSubstr("is in use by process"),
                               HasSubstr(std::to_string(::getpid()))));
  close();
  EXPECT_EQ(refusal(), "");
}

TEST_F(OpenTest, SymbolicLinkIsRefused) {
  const auto target = folder("target");
  std::filesystem::create_directory(target);
  std::filesystem::create_symlink(target, options_.directory);
  EXPECT_THAT(refusal(), AllOf(HasSubstr(options_.directory.string()), HasSubstr("symbolic link")));
  EXPECT_TRUE(std::filesystem::is_empty(target));
}

TEST_F(OpenTest, FolderThatOthersMayWriteToIsRefused) {
  folder_with_mode(0770);
  EXPECT_THAT(refusal(), HasSubstr("others may write to it"));
  EXPECT_EQ(::chmod(options_.directory.c_str(), 0750), 0);
  EXPECT_EQ(refusal(), "");
}

TEST_F(OpenTest, FolderOfAnotherUserIsRefused) {
  folder_with_mode(0700);
  if (::chown(options_.directory.c_str(), 65534, 65534) != 0) GTEST_SKIP() << "needs root";
  EXPECT_THAT(refusal(), HasSubstr("belongs to user 65534"));
}

TEST_F(OpenTest, FileInPlaceOfTheFolderIsRefused) {
  write_file(options_.directory, "a file");
  EXPECT_THAT(refusal(), HasSubstr("not a directory"));
  EXPECT_EQ(read_file(options_.directory), "a file");
}

TEST_F(OpenTest, DatabaseThatIsALinkIsRefused) {
  folder_with_mode(0700);
  write_file(folder("elsewhere"), "");
  std::filesystem::create_symlink(folder("elsewhere"), database());
  EXPECT_THAT(refusal(), AllOf(HasSubstr(database().string()), HasSubstr("not a regular file")));
}

TEST_F(OpenTest, GarbageIsRefusedAndLeftAlone) {
  folder_with_mode(0700);
  const std::string garbage(5000, 'g');
  write_file(database(), garbage);
  ::chmod(database().c_str(), 0600);
  EXPECT_THAT(refusal(), AllOf(HasSubstr(database().string()), HasSubstr("not an SQLite database")));
  EXPECT_EQ(read_file(database()), garbage);
}

TEST_F(OpenTest, DatabaseOfAnotherProgramIsRefusedAndLeftAlone) {
  folder_with_mode(0700);
  {
    auto foreign = Connection::open(database(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "");
    ASSERT_TRUE(foreign && foreign->execute("CREATE TABLE futures (a)"));
  }
  ::chmod(database().c_str(), 0600);
  const std::string content = read_file(database());
  EXPECT_THAT(refusal(), AllOf(HasSubstr(database().string()), HasSubstr("another program")));
  EXPECT_EQ(read_file(database()), content);
}

TEST_F(OpenTest, EmptyFileIsANewDatabase) {
  folder_with_mode(0700);
  write_file(database(), "");
  ::chmod(database().c_str(), 0600);
  open();
  EXPECT_TRUE(load().empty());
}

TEST_F(OpenTest, DatabaseThatWasJustBegunIsCompleted) {
  folder_with_mode(0700);
  {
    auto begun = Connection::open(database(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "");
    ASSERT_TRUE(begun && prepare_empty(*begun));
  }
  ::chmod(database().c_str(), 0600);
  open();
  EXPECT_TRUE(load().empty());
}

TEST_F(OpenTest, LogWithoutItsDatabaseIsRefusedAndLeftAlone) {
  open();
  commit(ListOf{Life(1).submit()});
  crash();
  const std::string content = read_file(log());
  std::filesystem::remove(database());
  EXPECT_THAT(refusal(), AllOf(HasSubstr(database().string()), HasSubstr("missing or empty")));
  EXPECT_EQ(read_file(log()), content);
  EXPECT_FALSE(std::filesystem::exists(database()));
}

TEST_F(OpenTest, MissingLogAfterACrashIsRefusedAgainAndAgain) {
  open();
  commit(ListOf{Life(1).submit()});
  crash();
  std::filesystem::remove(log());
  write_file(options_.directory / "futured.db-shm", "");
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(refusal(), AllOf(HasSubstr(log().string()), HasSubstr("is missing")));
    EXPECT_FALSE(std::filesystem::exists(log()));
  }
  change_database("UPDATE meta SET clean = 1");
  open();
  EXPECT_TRUE(load().empty());
}

TEST_F(OpenTest, DatabaseThatAnotherProgramHasOpenedAndClosedAfterACrashIsTaken) {
  open();
  Life life(1);
  commit(ListOf{life.submit()});
  crash();
  testing::visit_database(database());
  ASSERT_FALSE(std::filesystem::exists(log()));
  open();
  EXPECT_EQ(load(), (Futures{{1, describe(life.held())}}));
}

TEST_F(OpenTest, MissingLogAfterAnEndInOrderIsNothing) {
  open();
  Life life(1);
  commit(ListOf{life.submit()});
  close();
  std::filesystem::remove(log());
  std::filesystem::remove(options_.directory / "futured.db-shm");
  open();
  EXPECT_EQ(load(), (Futures{{1, describe(life.held())}}));
}

TEST_F(OpenTest, NewerSchemaIsRefused) {
  open();
  close();
  const std::size_t known = schema_steps().size();
  change_database("PRAGMA user_version = " + std::to_string(known + 1));
  EXPECT_THAT(refusal(), AllOf(HasSubstr(database().string()), HasSubstr("version " + std::to_string(known + 1)),
                               HasSubstr("knows up to " + std::to_string(known))));
}

TEST_F(OpenTest, StoreWithoutSyncKeepsFuturesToo) {
  options_.sync_every_commit = false;
  open();
  Life life(1);
  commit(ListOf{life.submit()});
  crash();
  open();
  EXPECT_EQ(load(), (Futures{{1, describe(life.held())}}));
}

TEST_F(OpenTest, CrashLoopChangesNothing) {
  open();
  Life life(1);
  commit(ListOf{life.submit()});
  for (int i = 0; i < 20; ++i) {
    crash();
    open();
    ASSERT_EQ(load(), (Futures{{1, describe(life.held())}}));
  }
}

}  // namespace
}  // namespace futured::store
