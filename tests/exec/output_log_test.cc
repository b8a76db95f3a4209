#include "server/exec/process/output_log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/manual_time.h"

namespace futured::exec {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// A pipe into a log, whose io context runs on this thread.
class OutputLogTest : public ::testing::Test {
 protected:
  OutputLogTest() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    input_.reset(ends[1]);
    OutputLog::start(io_, time_, UniqueFd(ends[0]), [this](std::string_view line) { lines_.emplace_back(line); });
  }

  // Writes, and lets the log read it all. Less than a pipe holds at once.
  void write(std::string_view text) {
    for (; !text.empty(); text.remove_prefix(std::min<std::size_t>(text.size(), 4096))) {
      const std::string_view part = text.substr(0, 4096);
      ASSERT_EQ(::write(input_.get(), part.data(), part.size()), static_cast<ssize_t>(part.size()));
      io_.poll();
    }
  }
  void close() {
    input_.reset();
    io_.run();
  }

  boost::asio::io_context io_{1};
  futured::testing::ManualTime time_;
  UniqueFd input_;
  std::vector<std::string> lines_;
};

TEST_F(OutputLogTest, EachLineIsOne) {
  write("one\n\ntwo\n");
  EXPECT_THAT(lines_, ElementsAre("one", "", "two"));
}

TEST_F(OutputLogTest, LineMayComeInPieces) {
  for (const char c : std::string("piece by piece\nnext")) write({&c, 1});
  EXPECT_THAT(lines_, ElementsAre("piece by piece"));
}

TEST_F(OutputLogTest, LastLineNeedsNoEnd) {
  write("last words");
  EXPECT_THAT(lines_, IsEmpty());
  close();
  EXPECT_THAT(lines_, ElementsAre("last words"));
}

TEST_F(OutputLogTest, SilenceIsNoLine) {
  close();
  EXPECT_THAT(lines_, IsEmpty());
}

TEST_F(OutputLogTest, LongLineIsCutAndTheNextIsWhole) {
  write(std::string(100'000, 'x') + "\nnext\n");
  ASSERT_THAT(lines_, SizeIs(2));
  EXPECT_EQ(lines_[0], std::string(8192, 'x'));
  EXPECT_EQ(lines_[1], "next");
}

TEST_F(OutputLogTest, EndlessLineCostsNoMoreThanItsBeginning) {
  for (int i = 0; i < 100; ++i) write(std::string(10'000, 'x'));
  close();
  EXPECT_THAT(lines_, ElementsAre(std::string(8192, 'x')));
}

TEST_F(OutputLogTest, BytesAreTakenAsTheyAre) {
  write(std::string("\0\xff\r\x1b", 4) + "\n");
  EXPECT_THAT(lines_, ElementsAre(std::string("\0\xff\r\x1b", 4)));
}

TEST_F(OutputLogTest, ThousandLinesASecondAndTheRestIsCounted) {
  for (int i = 0; i < 1500; ++i) write("line\n");
  EXPECT_THAT(lines_, SizeIs(1000));
  time_.advance(1s);
  write("after\n");
  ASSERT_THAT(lines_, SizeIs(1002));
  EXPECT_EQ(lines_[1000], "(500 lines were dropped)");
  EXPECT_EQ(lines_[1001], "after");
}

TEST_F(OutputLogTest, WhatWasDroppedBeforeTheEndIsToldThen) {
  for (int i = 0; i < 1500; ++i) write("line\n");
  close();
  ASSERT_THAT(lines_, SizeIs(1001));
  EXPECT_EQ(lines_.back(), "(500 lines were dropped)");
}

}  // namespace
}  // namespace futured::exec
