#include "server/exec/progress_reports.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <thread>
#include <vector>

namespace futured::exec {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

class ProgressReportsTest : public ::testing::Test {
 protected:
  std::optional<core::Time> add(double fraction, std::string_view message = "") {
    return reports_.add(fraction, message, now_);
  }
  void flush() { reports_.flush(now_); }

  core::Time now_ = core::Time() + 1h;
  std::vector<double> fractions_;
  std::vector<std::string> messages_;
  ProgressReports reports_{[this](core::Progress progress) {
    fractions_.push_back(progress.fraction);
    messages_.push_back(std::move(progress.message));
  }};
};

TEST_F(ProgressReportsTest, FirstOneIsHandedOnAtOnce) {
  EXPECT_EQ(add(0.5, "half"), std::nullopt);
  EXPECT_THAT(fractions_, ElementsAre(0.5));
  EXPECT_THAT(messages_, ElementsAre("half"));
}

TEST_F(ProgressReportsTest, OnesThatAreFarApartAreAllHandedOnAtOnce) {
  for (const double fraction : {0.1, 0.2, 0.3}) {
    EXPECT_EQ(add(fraction), std::nullopt);
    now_ += ProgressReports::kInterval;
  }
  EXPECT_THAT(fractions_, ElementsAre(0.1, 0.2, 0.3));
}

TEST_F(ProgressReportsTest, OfABurstTheFirstAndTheLastAreHandedOn) {
  const core::Time due = now_ + ProgressReports::kInterval;
  add(0);
  EXPECT_EQ(add(0.1, "first"), due);
  // Somebody sees to it already.
  EXPECT_EQ(add(0.2, "second"), std::nullopt);
  EXPECT_EQ(add(0.3, "third"), std::nullopt);
  now_ = due - 1ns;
  flush();
  EXPECT_THAT(fractions_, ElementsAre(0));
  now_ = due;
  flush();
  EXPECT_THAT(fractions_, ElementsAre(0, 0.3));
  EXPECT_THAT(messages_, ElementsAre("", "third"));
}

TEST_F(ProgressReportsTest, ThereIsNothingToFlushTwice) {
  flush();
  EXPECT_THAT(fractions_, IsEmpty());
  add(0.1);
  now_ += 1h;
  flush();
  EXPECT_THAT(fractions_, ElementsAre(0.1));
}

TEST_F(ProgressReportsTest, OneThatComesLaterThanItsFlushWouldTakesThePlaceOfTheOneThatWaits) {
  add(0.1);
  add(0.2);
  now_ += ProgressReports::kInterval;
  EXPECT_EQ(add(0.3), std::nullopt);
  flush();
  EXPECT_THAT(fractions_, ElementsAre(0.1, 0.3));
  EXPECT_EQ(add(0.4), now_ + ProgressReports::kInterval);
}

TEST_F(ProgressReportsTest, FractionsAreBoundedAndNaNIsNone) {
  for (const double fraction : {-1.0, 7.0, kNaN, -std::numeric_limits<double>::infinity(), 0.5}) {
    EXPECT_EQ(add(fraction), std::nullopt);
    now_ += ProgressReports::kInterval;
  }
  EXPECT_THAT(fractions_, ElementsAre(0, 1, 0, 0.5));
  EXPECT_FALSE(bounded_progress(kNaN, "none"));
}

TEST_F(ProgressReportsTest, MessageIsCutAtTheEndOfACharacter) {
  std::string text = "a";
  while (text.size() < 300) text += "\u00e9";
  add(0.5, text);
  EXPECT_THAT(messages_, ElementsAre(text.substr(0, 255)));
  EXPECT_EQ(bounded_progress(0.5, text)->message, text.substr(0, 255));
}

TEST_F(ProgressReportsTest, ThreadsMayTellAtTheSameTime) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this, i] {
      for (int k = 0; k < 1000; ++k) reports_.add(i / 4.0, std::to_string(i / 4.0), now_ + k * 100us);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (std::size_t i = 0; i < messages_.size(); ++i) EXPECT_EQ(messages_[i], std::to_string(fractions_[i]));
  // Within the 100 ms of that clock.
  EXPECT_EQ(messages_.size(), 2U);
}

}  // namespace
}  // namespace futured::exec
