#include "server/security/audit_log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/eventually.h"
#include "tests/support/temporary_directory.h"

namespace futured::security {
namespace {

using testing::eventually;
using ::testing::HasSubstr;

class AuditLogTest : public ::testing::Test {
 protected:
  std::string path() const { return directory_.path() + "/audit.log"; }
  static std::string contents(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }
  std::unique_ptr<AuditLog> open(std::size_t queue = 1'000) {
    auto log = AuditLog::open({path(), queue, [this](const std::string& what) { troubles_.push_back(what); }});
    EXPECT_TRUE(log.has_value()) << log.error();
    return log ? *std::move(log) : nullptr;
  }
  static AuditRecord allowed(const std::string& identity) {
    AuditRecord record;
    record.allowed = true;
    record.identity = identity;
    return record;
  }

  testing::TemporaryDirectory directory_;
  // Of the log's thread; read when that has ended.
  std::vector<std::string> troubles_;
};

TEST_F(AuditLogTest, LinesAreJsonInTheirOrder) {
  auto log = open();
  AuditRecord first = allowed("web");
  first.rpc = "/futured.v1.FutureService/Cancel";
  first.ids = 2;
  first.first_id = "01234567-89ab-8cde-8f01-000000000001";
  log->record(first);
  AuditRecord second;
  second.reason = "CREDENTIALS_MISSING";
  second.peer = "ipv4:127.0.0.1:1";
  log->record(second);
  log.reset();
  EXPECT_EQ(contents(path()),
            "{\"time\":\"1970-01-01T00:00:00.000Z\",\"level\":\"info\",\"message\":\"allowed\",\"identity\":\"web\","
            "\"rpc\":\"/futured.v1.FutureService/Cancel\",\"ids\":2,"
            "\"first_id\":\"01234567-89ab-8cde-8f01-000000000001\"}\n"
            "{\"time\":\"1970-01-01T00:00:00.000Z\",\"level\":\"warning\",\"message\":\"denied\","
            "\"reason\":\"CREDENTIALS_MISSING\",\"peer\":\"ipv4:127.0.0.1:1\"}\n");
}

TEST_F(AuditLogTest, ControlCharactersAreEscaped) {
  auto log = open();
  AuditRecord record = allowed("web");
  record.function = "a\n{\"message\":\"forged\"}\x1b[2J";
  log->record(record);
  log.reset();
  const std::string text = contents(path());
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
  EXPECT_THAT(text, HasSubstr("a\\n{\\\"message\\\":\\\"forged\\\"}\\u001b[2J"));
}

TEST_F(AuditLogTest, FileIsItsOwnersAloneAndOnlyAddedTo) {
  open();
  struct stat status {};
  ASSERT_EQ(::stat(path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
  open()->record(allowed("first"));
  open()->record(allowed("second"));
  EXPECT_THAT(contents(path()), ::testing::AllOf(HasSubstr("first"), HasSubstr("second")));
  ASSERT_EQ(::chmod(path().c_str(), 0644), 0);
  const auto again = AuditLog::open({path(), 10, {}});
  ASSERT_FALSE(again.has_value());
  EXPECT_THAT(again.error(), HasSubstr("mode 0600"));
}

TEST_F(AuditLogTest, ReopenedFileIsTheOneWithTheName) {
  auto log = open();
  log->record(allowed("before"));
  ASSERT_TRUE(eventually([&] { return log->stats().written == 1; }));
  std::filesystem::rename(path(), path() + ".1");
  log->reopen();
  ASSERT_TRUE(eventually([&] { return std::filesystem::exists(path()); }));
  log->record(allowed("after"));
  log.reset();
  EXPECT_THAT(contents(path() + ".1"), HasSubstr("before"));
  EXPECT_THAT(contents(path()), HasSubstr("after"));
}

TEST_F(AuditLogTest, FileThatCannotBeReopenedIsToldAndTheOldOneKept) {
  auto log = open();
  std::filesystem::rename(path(), path() + ".1");
  std::filesystem::create_symlink("/dev/null", path());
  log->reopen();
  log->record(allowed("kept"));
  log.reset();
  ASSERT_EQ(troubles_.size(), 1U);
  EXPECT_THAT(troubles_.front(), HasSubstr("audit.log: "));
  EXPECT_THAT(contents(path() + ".1"), HasSubstr("kept"));
}

TEST_F(AuditLogTest, WhatCannotBeWrittenIsToldOnceAndCounted) {
  auto log = open();
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = ::signal(SIGXFSZ, SIG_IGN);
  const rlimit none{0, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &none), 0);
  for (std::uint64_t i = 1; i <= 3; ++i) {
    log->record(allowed("lost"));
    EXPECT_TRUE(eventually([&] { return log->stats().failed == i; }));
  }
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  ::signal(SIGXFSZ, handler);
  log->record(allowed("kept"));
  log.reset();
  EXPECT_EQ(troubles_.size(), 1U);
  EXPECT_THAT(contents(path()), HasSubstr("kept"));
}

TEST_F(AuditLogTest, DenialsAreDroppedAfterAllElse) {
  auto log = open(100);
  AuditRecord denied_one;
  denied_one.reason = "DENIED";
  for (int i = 0; i < 100'000; ++i) {
    log->record(allowed("flood"));
    if (i % 10'000 == 0) log->record(denied_one);
  }
  ASSERT_TRUE(eventually([&] {
    const auto stats = log->stats();
    return stats.written + stats.dropped_allowed + stats.dropped_denied == 100'010;
  }));
  EXPECT_EQ(log->stats().dropped_denied, 0U);
  log.reset();
  const std::string text = contents(path());
  std::size_t denied = 0;
  for (std::size_t i = 0; (i = text.find("\"denied\"", i)) != std::string::npos; ++i) ++denied;
  EXPECT_EQ(denied, 10U);
}

}  // namespace
}  // namespace futured::security
