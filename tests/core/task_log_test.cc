#include "server/core/task_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace futured::core {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class TaskLogsTest : public ::testing::Test {
 protected:
  // At the next second.
  void log(std::uint32_t slot, const std::string& text, std::uint64_t dropped = 0) {
    const NewLogLine line{LineKind::kInfo, Bytes(text)};
    logs_.append(slot, 1, {&line, 1}, dropped, now_ += std::chrono::seconds(1));
  }
  std::vector<std::string> texts(std::uint32_t slot) const { return texts_of(logs_.find(slot)->lines()); }
  static std::vector<std::string> texts_of(std::span<const LogLine> lines) {
    std::vector<std::string> texts;
    for (const LogLine& line : lines) texts.push_back(std::to_string(line.number) + std::string(line.text.view()));
    return texts;
  }

  Limits limits_{.max_log_lines = 3, .max_log_bytes = 100};
  TaskLogs logs_{limits_};
  WallTime now_;
};

TEST_F(TaskLogsTest, WhoLogsNothingHasNone) {
  EXPECT_EQ(logs_.find(1), nullptr);
  EXPECT_EQ(logs_.stored(1), nullptr);
  logs_.erase(1);
  EXPECT_EQ(logs_.memory(), 0U);
}

TEST_F(TaskLogsTest, AboveTheLimitOnLinesTheOldestGo) {
  for (const char* text : {"a", "b", "c", "d", "e"}) log(1, text);
  EXPECT_THAT(texts(1), ElementsAre("3c", "4d", "5e"));
  EXPECT_EQ(logs_.find(1)->dropped(), 2U);
}

TEST_F(TaskLogsTest, AboveTheLimitOnBytesTheOldestGo) {
  log(1, std::string(60, 'x'));
  log(1, "a");
  log(1, std::string(40, 'y'));
  EXPECT_THAT(texts(1), ElementsAre("2a", "3" + std::string(40, 'y')));
  log(1, std::string(101, 'z'));
  EXPECT_THAT(texts(1), IsEmpty());
  log(1, "b");
  EXPECT_THAT(texts(1), ElementsAre("5b"));
  EXPECT_EQ(logs_.find(1)->dropped(), 4U);
}

TEST_F(TaskLogsTest, WhatItsSourceDroppedIsAGap) {
  log(1, "a");
  log(1, "b", 1000);
  logs_.append(1, 1, {}, 5, now_);
  EXPECT_THAT(texts(1), ElementsAre("1a", "1002b"));
  EXPECT_EQ(logs_.find(1)->end().number, 1007U);
  EXPECT_EQ(logs_.find(1)->dropped(), 1005U);
}

TEST_F(TaskLogsTest, AboveTheLimitOnMemoryTheOldestOfAllGo) {
  const std::string text(50, 'x');
  for (const std::uint32_t slot : {1U, 2U, 3U}) log(slot, text);
  log(1, text);
  limits_.max_log_memory = logs_.memory();
  log(3, text);
  EXPECT_THAT(texts(1), ElementsAre("2" + text));
  log(3, "");
  EXPECT_THAT(texts(2), IsEmpty());
  EXPECT_THAT(texts(3), ElementsAre("1" + text, "2" + text, "3"));
  EXPECT_EQ(logs_.find(2)->dropped(), 1U);
  EXPECT_LE(logs_.memory(), limits_.max_log_memory);
}

TEST_F(TaskLogsTest, NothingIsLeftOfThoseThatAreErased) {
  for (const std::uint32_t slot : {1U, 2U}) {
    for (int i = 0; i < 10; ++i) log(slot, "a line that is longer than what fits into the object itself");
    logs_.erase(slot);
    EXPECT_EQ(logs_.find(slot), nullptr);
  }
  EXPECT_EQ(logs_.memory(), 0U);
  log(2, "a");
  EXPECT_THAT(texts(2), ElementsAre("1a"));
}

TEST_F(TaskLogsTest, WhatWasReadIsNotReadAgainInItsSeries) {
  for (const char* text : {"a", "b", "c"}) log(1, text);
  const TaskLog& log = *logs_.find(1);
  LogPosition position = log.end();
  EXPECT_THAT(log.after(position), IsEmpty());
  position.number = 1;
  EXPECT_THAT(texts_of(log.after(position)), ElementsAre("2b", "3c"));
  position.series ^= 1;
  EXPECT_THAT(texts_of(log.after(position)), ElementsAre("1a", "2b", "3c"));
  EXPECT_THAT(texts_of(log.after({})), ElementsAre("1a", "2b", "3c"));
}

TEST_F(TaskLogsTest, WhatWasStoredIsAsItWas) {
  for (const char* text : {"a", "b", "c", "d"}) log(1, text);
  const auto stored = logs_.stored(1);
  TaskLogs next(limits_);
  next.restore(7, *stored);
  EXPECT_THAT(texts_of(next.find(7)->lines()), ElementsAre("2b", "3c", "4d"));
  EXPECT_EQ(next.find(7)->end(), logs_.find(1)->end());
  EXPECT_EQ(next.memory(), logs_.memory());
}

TEST_F(TaskLogsTest, OtherDaemonsHaveOtherSeries) {
  log(1, "a");
  TaskLogs other(limits_);
  other.append(1, 1, {}, 1, now_);
  EXPECT_NE(other.find(1)->end().series, logs_.find(1)->end().series);
}

}  // namespace
}  // namespace futured::core
