#include "server/log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <string>

namespace futured::server {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

class FixedClock final : public core::Clock {
 public:
  core::Time now() const override { return now_; }
  void advance(core::Duration by) { now_ += by; }
  std::chrono::system_clock::time_point wall_time() const override {
    return std::chrono::system_clock::time_point(std::chrono::milliseconds(1'795'238'400'123));
  }

 private:
  core::Time now_;
};

std::string text(std::string_view message, std::initializer_list<LogField> fields,
                 LogFormat format = LogFormat::kText) {
  const FixedClock clock;
  return log_line(format, clock.wall_time(), LogLevel::kInfo, message, {fields.begin(), fields.size()});
}

// A pipe; the reading end does not block.
class LogTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(pipe2(ends_.data(), O_CLOEXEC), 0);
    fcntl(ends_[0], F_SETFL, O_NONBLOCK);
  }
  void TearDown() override {
    close_reader();
    close(ends_[1]);
  }
  void close_reader() {
    if (ends_[0] >= 0) close(ends_[0]);
    ends_[0] = -1;
  }
  // What the pipe holds.
  std::string read_all() const {
    std::string all;
    std::array<char, 4096> chunk{};
    for (ssize_t got = 0; (got = read(ends_[0], chunk.data(), chunk.size())) > 0;) {
      all.append(chunk.data(), static_cast<std::size_t>(got));
    }
    return all;
  }
  // Reads until `wanted` was seen, for at most ten seconds.
  std::string read_until(const std::string& wanted) const {
    std::string all;
    pollfd readable{ends_[0], POLLIN, 0};
    while (all.find(wanted) == std::string::npos && poll(&readable, 1, 10'000) > 0) all += read_all();
    return all;
  }

  FixedClock clock_;
  std::array<int, 2> ends_{-1, -1};
};

TEST_F(LogTest, TextLinesHaveTimeLevelMessageAndFields) {
  EXPECT_EQ(text("listening", {{"address", "127.0.0.1:7070"}, {"workers", 4}}),
            "2026-11-21T05:20:00.123Z INFO listening address=127.0.0.1:7070 workers=4\n");
}

TEST_F(LogTest, JsonLinesKeepNumbers) {
  EXPECT_EQ(text("listening", {{"address", "a b"}, {"workers", 4}}, LogFormat::kJson),
            "{\"time\":\"2026-11-21T05:20:00.123Z\",\"level\":\"info\",\"message\":\"listening\",\"address\":\"a b\","
            "\"workers\":4}\n");
}

TEST_F(LogTest, ControlCharactersCanNeitherForgeALineNorCommandATerminal) {
  EXPECT_THAT(text("m", {{"name", "a\n2026 ERROR fake\x1b[2J"}}), EndsWith("name=\"a\\n2026 ERROR fake\\x1b[2J\"\n"));
  EXPECT_THAT(text("m", {{"name", "a\x7f"}}), EndsWith("name=\"a\\x7f\"\n"));
  EXPECT_THAT(text("m", {{"name",
                          "\xc2\x9b"
                          "2J\xff"}}),
              EndsWith("name=\"\\x9b2J\\xff\"\n"));
  EXPECT_THAT(text("m\nn", {}), EndsWith(" m\\nn\n"));
  EXPECT_THAT(text("m", {{"name", "a\n\x1b\x7f\u009b\xff"}}, LogFormat::kJson),
              EndsWith("\"name\":\"a\\n\\u001b\\u007f\\u009b\\ufffd\"}\n"));
}

TEST_F(LogTest, TextCannotTurnTheDirectionOfALine) {
  for (const LogFormat format : {LogFormat::kText, LogFormat::kJson}) {
    EXPECT_THAT(text("m", {{"name", "\u202etxt\u2066.\u200f\u061c"}}, format),
                HasSubstr("\"\\u202etxt\\u2066.\\u200f\\u061c\""));
    EXPECT_THAT(text("m\u2028n", {}, format), HasSubstr("m\\u2028n"));
  }
}

TEST_F(LogTest, BrokenUtf8IsEscapedByteByByte) {
  // Cut off, too long for what it says, half of a pair, beyond the last character.
  EXPECT_THAT(text("m", {{"a", "\xe2\x82"}, {"b", "\xc0\xaf"}, {"c", "\xed\xa0\x80"}, {"d", "\xf4\x90\x80\x80"}}),
              EndsWith("a=\"\\xe2\\x82\" b=\"\\xc0\\xaf\" c=\"\\xed\\xa0\\x80\" d=\"\\xf4\\x90\\x80\\x80\"\n"));
  EXPECT_THAT(text("m", {{"a", "\xe2\x82"}}, LogFormat::kJson), EndsWith("\"a\":\"\\ufffd\\ufffd\"}\n"));
}

TEST_F(LogTest, ValuesThatCouldBeMistakenAreQuoted) {
  EXPECT_THAT(text("m", {{"a", ""}, {"b", "x y"}, {"c", "k=v"}, {"d", "say \"no\""}, {"e", "Grüße"}}),
              EndsWith("m a=\"\" b=\"x y\" c=\"k=v\" d=\"say \\\"no\\\"\" e=\"Grüße\"\n"));
}

TEST_F(LogTest, LongTextsAreCut) {
  EXPECT_LT(text("m", {{"a", std::string(1'000'000, 'x')}}).size(), kMaxLogText + 100);
}

TEST_F(LogTest, LinesBelowTheLevelAreNotWritten) {
  {
    Logger logger({.level = LogLevel::kWarning, .descriptor = ends_[1]}, clock_);
    EXPECT_FALSE(logger.writes(LogLevel::kInfo));
    logger.info("unseen");
    logger.error("seen");
  }
  const std::string written = read_all();
  EXPECT_THAT(written, HasSubstr("ERROR seen\n"));
  EXPECT_THAT(written, testing::Not(HasSubstr("unseen")));
}

TEST_F(LogTest, FlushedLinesAreWritten) {
  Logger logger({.descriptor = ends_[1]}, clock_);
  for (int i = 0; i < 100; ++i) logger.info("line", {{"number", i}});
  logger.flush();
  EXPECT_THAT(read_all(), HasSubstr("number=99\n"));
}

TEST_F(LogTest, RepeatsAreHeldBackAndTold) {
  Logger logger({.descriptor = ends_[1], .repeats = 2}, clock_);
  for (int i = 0; i < 514; ++i) logger.warning("too many", {{"of", "these"}});
  logger.warning("too many", {{"of", "those"}});
  logger.error("too many", {{"of", "these"}});
  clock_.advance(std::chrono::milliseconds(999));
  logger.warning("too many", {{"of", "these"}});
  clock_.advance(std::chrono::milliseconds(1));
  logger.warning("too many", {{"of", "these"}});
  logger.flush();
  constexpr const char* kTime = "2026-11-21T05:20:00.123Z ";
  EXPECT_EQ(read_all(), std::string() + kTime + "WARN too many of=these\n" + kTime + "WARN too many of=these\n" +
                            kTime + "WARN too many of=those\n" + kTime + "ERROR too many of=these\n" + kTime +
                            "WARN too many of=these repeated=513\n" + kTime + "WARN too many of=these\n");
}

TEST_F(LogTest, RepeatsAreToldAtTheEnd) {
  {
    Logger logger({.format = LogFormat::kJson, .descriptor = ends_[1], .repeats = 1}, clock_);
    for (int i = 0; i < 3; ++i) logger.info("again");
  }
  EXPECT_THAT(read_all(), EndsWith("\"message\":\"again\",\"repeated\":2}\n"));
}

TEST_F(LogTest, MoreKindsOfLinesThanAreRememberedAreAllWritten) {
  LogRepeats repeats(1);
  const std::size_t many = LogRepeats::kMostRemembered + 10;
  for (std::size_t round = 0; round < 2; ++round) {
    std::size_t written = 0;
    for (std::size_t i = 0; i < many; ++i) {
      const LogField fields[] = {{"number", i}};
      written += repeats.admits(LogLevel::kInfo, "line", fields, clock_.now()) ? 1 : 0;
    }
    EXPECT_EQ(written, round == 0 ? many : 10);
  }
  EXPECT_EQ(repeats.take_all().size(), LogRepeats::kMostRemembered);
}

// Reliability A13.
TEST_F(LogTest, BlockedReaderDelaysNobodyAndDroppedLinesAreCounted) {
  Logger logger({.descriptor = ends_[1], .queue = 16}, clock_);
  const std::string filler(1000, 'x');
  for (int i = 0; i < 1000; ++i) logger.info(filler, {{"number", i}});
  EXPECT_GT(logger.dropped(), 800U);
  const std::string written = read_until("log lines dropped");
  EXPECT_THAT(written, HasSubstr("log lines dropped lines="));
}

TEST_F(LogTest, BlockedReaderDoesNotKeepTheDaemonFromEnding) {
  auto logger = std::make_unique<Logger>(Logger::Settings{.descriptor = ends_[1], .queue = 16}, clock_);
  for (int i = 0; i < 1000; ++i) logger->info(std::string(1000, 'x'), {{"number", i}});
  logger.reset();
  EXPECT_THAT(read_all(), HasSubstr("INFO xxx"));
}

TEST_F(LogTest, ClosedReaderIsCountedAndKillsNobody) {
  Logger logger({.descriptor = ends_[1], .queue = 1}, clock_);
  close_reader();
  // Each line replaces the one that waits, or was tried and lost.
  for (int i = 0; i < 1000; ++i) logger.info("into the void", {{"number", i}});
  EXPECT_GT(logger.dropped(), 0U);
}

}  // namespace
}  // namespace futured::server
