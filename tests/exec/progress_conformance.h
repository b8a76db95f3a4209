// The part of the conformance suite that is about progress; see executor_conformance.h.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "tests/exec/conformance_functions.h"
#include "tests/exec/executor_under_test.h"
#include "tests/exec/rendezvous.h"
#include "tests/support/eventually.h"

namespace futured::testing {

class ProgressConformanceTest : public ::testing::TestWithParam<ExecutorKind> {
 protected:
  // Submits a call and returns when it has told its progress, which may be on its way.
  core::FutureId report(const std::vector<double>& fractions, const std::string& text) {
    const core::FutureId id = bench_.submit(kReport, rendezvous_.path(), "a", fractions, text);
    EXPECT_TRUE(rendezvous_.arrival());
    return id;
  }
  std::optional<core::Progress> progress(core::FutureId id) {
    return bench_.table.get(core::kDaemonAccount, {&id, 1}).front()->progress;
  }
  bool shows(core::FutureId id, double fraction) {
    return eventually([&] {
      const auto shown = progress(id);
      return shown && shown->fraction == fraction;
    });
  }

  Rendezvous rendezvous_;
  ExecutorBench bench_{GetParam()};
};

TEST_P(ProgressConformanceTest, ThatOfARunningFunctionIsShownUntilItEnds) {
  const core::FutureId id = report({0.25}, "a quarter");
  ASSERT_TRUE(shows(id, 0.25));
  EXPECT_EQ(progress(id)->message, "a quarter");
  EXPECT_EQ(bench_.state(id), core::State::kRunning);
  rendezvous_.open("go");
  EXPECT_EQ(bench_.value<std::string>(id), "a");
  EXPECT_FALSE(progress(id));
}

TEST_P(ProgressConformanceTest, LastOfABurstIsShown) {
  std::vector<double> fractions;
  for (int i = 0; i < 1000; ++i) fractions.push_back(i / 1000.0);
  const core::FutureId id = report(fractions, "");
  EXPECT_TRUE(shows(id, 0.999));
  rendezvous_.open("go");
  EXPECT_EQ(bench_.value<std::string>(id), "a");
}

TEST_P(ProgressConformanceTest, IsBounded) {
  const core::FutureId id = report({7, std::numeric_limits<double>::quiet_NaN()}, std::string(1000, 'x'));
  ASSERT_TRUE(shows(id, 1));
  EXPECT_EQ(progress(id)->message, std::string(256, 'x'));
  rendezvous_.open("go");
  EXPECT_EQ(bench_.value<std::string>(id), "a");
}

TEST_P(ProgressConformanceTest, FunctionThatEndsBehindABurstLeavesNone) {
  rendezvous_.open("go");
  std::vector<core::FutureId> ids;
  for (int i = 0; i < 20; ++i) {
    ids.push_back(bench_.submit(kReport, rendezvous_.path(), "a", std::vector<double>{0.1, 0.2, 0.3}, ""));
  }
  for (const core::FutureId id : ids) EXPECT_EQ(bench_.value<std::string>(id), "a");
  // Nothing is on its way any more.
  bench_.executor->stop();
  for (const core::FutureId id : ids) EXPECT_FALSE(progress(id));
}

TEST_P(ProgressConformanceTest, CoroutineTellsItToo) {
  if (!GetParam().has_coroutines) GTEST_SKIP() << "this kind has none";
  const core::FutureId id = bench_.submit(kReportLater, rendezvous_.path(), "later");
  ASSERT_TRUE(rendezvous_.arrival());
  EXPECT_TRUE(shows(id, 0.5));
  rendezvous_.open("go");
  EXPECT_EQ(bench_.value<std::string>(id), "later");
}

}  // namespace futured::testing
