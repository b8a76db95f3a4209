// The part of the conformance suite that is about traces; see executor_conformance.h.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/exec/conformance_functions.h"
#include "tests/exec/executor_under_test.h"
#include "tests/support/eventually.h"

namespace futured::testing {

class TraceConformanceTest : public ::testing::TestWithParam<ExecutorKind> {
 protected:
  void be_traced(const std::string& traceparent) {
    bench_.trace = core::SharedTrace(core::parse_trace(traceparent, "vendor=1").value());
  }
  // Those of one task that has ended. Spans are told after the outcome.
  std::vector<core::Span> runs() const {
    eventually([&] { return !bench_.spans.of(core::Span::Kind::kRun).empty(); });
    return bench_.spans.of(core::Span::Kind::kRun);
  }
  // What a function says that it was told is that it is a part of its run.
  void check_told(const std::string& told) {
    const auto runs = this->runs();
    ASSERT_EQ(runs.size(), 1U);
    EXPECT_EQ(told, "00-0af7651916cd43dd8448eb211c80319c-" + core::to_hex(runs[0].id) + "-01 vendor=1");
    EXPECT_EQ(runs[0].worker.substr(0, runs[0].executor.size()), runs[0].executor);
    EXPECT_GT(runs[0].worker.size(), runs[0].executor.size());
  }

  const std::string sampled_ = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const std::string not_sampled_ = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
  ExecutorBench bench_{GetParam()};
};

TEST_P(TraceConformanceTest, FunctionIsToldThatItIsPartOfItsRun) {
  be_traced(sampled_);
  check_told(bench_.value<std::string>(bench_.submit(kTellTrace)));
}

TEST_P(TraceConformanceTest, CoroutineIsToldToo) {
  if (!GetParam().has_coroutines) GTEST_SKIP() << "this kind has none";
  be_traced(sampled_);
  check_told(bench_.value<std::string>(bench_.submit(kTellTraceLater)));
}

TEST_P(TraceConformanceTest, TraceThatIsNotRecordedIsHandedOn) {
  be_traced(not_sampled_);
  EXPECT_EQ(bench_.value<std::string>(bench_.submit(kTellTrace)), not_sampled_ + " vendor=1");
  EXPECT_EQ(bench_.spans.size(), 0U);
}

TEST_P(TraceConformanceTest, WithoutATraceThereIsNone) {
  EXPECT_EQ(bench_.value<std::string>(bench_.submit(kTellTrace)), " ");
}

TEST_P(TraceConformanceTest, FailureNamesItsTypeInItsSpan) {
  be_traced(sampled_);
  bench_.error(bench_.submit(kThrow, "odd"));
  const auto runs = this->runs();
  ASSERT_EQ(runs.size(), 1U);
  EXPECT_EQ(runs[0].outcome, core::State::kFailed);
  EXPECT_FALSE(runs[0].error_type.empty());
  EXPECT_EQ(runs[0].error_origin, core::Origin::kTask);
}

}  // namespace futured::testing
