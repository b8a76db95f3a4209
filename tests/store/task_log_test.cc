// What tasks have logged is kept with their ends.
#include "server/proto/task_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/store/store_fixture.h"

namespace futured::store {
namespace {

using core::LineKind;
using core::Outcome;
using testing::describe;
using ::testing::HasSubstr;
using testing::Life;
using testing::ListOf;
using Log = std::shared_ptr<const core::StoredLog>;

core::LogLine line(std::uint64_t number, std::uint32_t attempt, LineKind kind, const std::string& text) {
  return {number, attempt, kind, core::WallTime(std::chrono::seconds(1'700'000'000 + number)), core::Bytes(text)};
}

Log some_log() {
  core::StoredLog log{{0xfedc'ba98'7654'8321, 9}, {}};
  log.lines = {line(3, 1, LineKind::kDebug, ""), line(4, 1, LineKind::kErrors, "two\nlines, \x1b[31m red"),
               line(9, 2, LineKind::kOutput, std::string(core::kLongestLogLine, 'x'))};
  return std::make_shared<const core::StoredLog>(std::move(log));
}

class TaskLogStoreTest : public testing::StoreFixture {
 protected:
  void expect_kept(const Life& life) {
    reopen();
    EXPECT_EQ(load(), (Futures{{1, describe(life.held())}}));
  }
};

TEST_F(TaskLogStoreTest, LinesAreKeptWithTheEnd) {
  open();
  Life life(1);
  commit(ListOf{life.submit()});
  commit(ListOf{life.start(10)});
  commit(ListOf{life.end(Outcome::succeeded(core::Bytes("value")), 600, some_log())});
  EXPECT_THAT(load()[1], HasSubstr(" 9 line 3 1 0 "));
  expect_kept(life);
}

TEST_F(TaskLogStoreTest, LinesOfALifeWithinOneBatchAreKept) {
  open();
  Life life(1);
  commit(ListOf{life.submit(), life.start(10), life.end(Outcome::failed({}), 600, some_log())});
  expect_kept(life);
}

TEST_F(TaskLogStoreTest, NumberOfLinesOfWhichNoneIsLeftIsKept) {
  open();
  Life life(1);
  const auto log = std::make_shared<const core::StoredLog>(core::StoredLog{{77, 5}, {}});
  commit(ListOf{life.submit(), life.start(10), life.end(Outcome::cancelled(), 600, log)});
  expect_kept(life);
}

TEST_F(TaskLogStoreTest, FlippedBitOfALineIsFound) {
  open();
  Life life(1);
  commit(ListOf{life.submit(), life.start(10), life.end(Outcome::cancelled(), 600, some_log())});
  close();
  std::string content = read_file(database());
  const auto at = content.find("two\nlines");
  ASSERT_NE(at, content.npos);
  content[at] = static_cast<char>(content[at] ^ 0x10);
  write_file(database(), content);
  open();
  const auto loaded = try_load();
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error().message, HasSubstr("future 1 is damaged"));
}

TEST(TaskLogMessageTest, PositionsAreTextsAndBack) {
  for (const core::LogPosition position : {core::LogPosition{}, {1, 0}, {UINT64_MAX, UINT64_MAX}}) {
    EXPECT_EQ(parse_position(position_text(position)), position);
  }
  EXPECT_EQ(position_text({}), "");
  for (const char* text : {"-", "1", "1-", "-1", "x-1", "1-x", "1-1 ", "1--1", "11111111111111111-1"}) {
    EXPECT_EQ(parse_position(text), std::nullopt) << text;
  }
}

TEST(TaskLogMessageTest, BytesThatAreNoLogAreDamaged) {
  EXPECT_FALSE(stored_log("\xff\xff"));
  EXPECT_FALSE(stored_log("\x32\x01x"));
  EXPECT_TRUE(stored_log(serialized_log(*some_log())));
}

}  // namespace
}  // namespace futured::store
