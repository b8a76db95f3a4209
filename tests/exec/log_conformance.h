// The part of the conformance suite that is about what functions log; see executor_conformance.h.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/exec/conformance_functions.h"
#include "tests/exec/executor_under_test.h"
#include "tests/exec/rendezvous.h"
#include "tests/support/eventually.h"
#include "tests/support/log_of.h"

namespace futured::testing {

class LogConformanceTest : public ::testing::TestWithParam<ExecutorKind> {
 protected:
  std::vector<std::string> log(core::FutureId id) { return log_of(bench_.table, id); }
  static std::vector<std::string> texts_of(const std::vector<Bytes>& lines) {
    std::vector<std::string> texts;
    for (const Bytes& line : lines) texts.push_back(line.data);
    return texts;
  }

  Rendezvous rendezvous_;
  ExecutorBench bench_{GetParam()};
};

TEST_P(LogConformanceTest, LinesAreKeptWhileItRunsAndAfterwards) {
  const std::vector<Bytes> lines{{"one"}, {""}, {"three"}};
  const core::FutureId id = bench_.submit(kSay, rendezvous_.path(), "a", lines, std::uint64_t{1});
  ASSERT_TRUE(rendezvous_.arrival());
  EXPECT_TRUE(eventually([&] { return log(id) == texts_of(lines); }));
  rendezvous_.open("go");
  EXPECT_EQ(bench_.value<std::string>(id), "a");
  const core::FutureNews news = news_of(bench_.table, id);
  EXPECT_EQ(log(id), texts_of(lines));
  EXPECT_EQ(news.lines.front().kind, core::LineKind::kWarning);
  EXPECT_EQ(news.lines.front().attempt, 1U);
}

TEST_P(LogConformanceTest, EachFutureHasItsOwn) {
  rendezvous_.open("go");
  std::vector<core::FutureId> ids;
  for (int i = 0; i < 20; ++i) {
    const std::vector<Bytes> lines{{std::to_string(i)}};
    ids.push_back(bench_.submit(kSay, rendezvous_.path(), "a", lines, std::uint64_t{1}));
  }
  for (std::size_t i = 0; i < ids.size(); ++i) {
    EXPECT_EQ(bench_.value<std::string>(ids[i]), "a");
    EXPECT_THAT(log(ids[i]), ::testing::ElementsAre(std::to_string(i)));
  }
}

TEST_P(LogConformanceTest, LinesAreBoundedAndText) {
  rendezvous_.open("go");
  const std::vector<Bytes> lines{{"\x1b[2J a\nb \xff\xfe"}, {std::string(200'000, 'x')}};
  const core::FutureId id = bench_.submit(kSay, rendezvous_.path(), "a", lines, std::uint64_t{1});
  EXPECT_EQ(bench_.value<std::string>(id), "a");
  EXPECT_THAT(log(id), ::testing::ElementsAre("\x1b[2J a\nb ??", std::string(core::kLongestLogLine, 'x')));
}

TEST_P(LogConformanceTest, OfAFloodEveryLineIsKeptOrCounted) {
  constexpr std::uint64_t kLines = 20'000;
  rendezvous_.open("go");
  const core::FutureId id = bench_.submit(kSay, rendezvous_.path(), "a", std::vector<Bytes>{{"again"}}, kLines);
  EXPECT_EQ(bench_.value<std::string>(id), "a");
  const core::FutureNews news = news_of(bench_.table, id);
  EXPECT_EQ(news.last_line, kLines);
  EXPECT_GE(news.lines.size(), 1U);
  EXPECT_LE(news.lines.size(), 1000U);
  // Others are heard as ever, on whichever worker.
  for (int i = 0; i < 10; ++i) {
    const core::FutureId next =
        bench_.submit(kSay, rendezvous_.path(), "a", std::vector<Bytes>{{"one"}}, std::uint64_t{1});
    EXPECT_EQ(bench_.value<std::string>(next), "a");
    EXPECT_THAT(log(next), ::testing::ElementsAre("one"));
  }
}

}  // namespace futured::testing
