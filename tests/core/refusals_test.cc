#include "server/core/refusals.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <vector>

#include "server/core/status.h"

namespace futured::core {
namespace {

using namespace std::chrono_literals;

TEST(StatusTest, ReasonDecidesTheCode) {
  const Status status{Reason::kExecutorDraining, "later", 100ms};
  EXPECT_EQ(status.code(), Code::kUnavailable);
  EXPECT_EQ(to_string(status.reason), "EXECUTOR_DRAINING");
  for (const ReasonRow& row : kReasons) {
    EXPECT_EQ(to_string(row.reason), row.name);
    EXPECT_EQ(code_of(row.reason), row.code) << row.name;
  }
}

TEST(StatusTest, FailureSaysWhatItIsAbout) {
  const Status field = field_failure(Reason::kFieldInvalid, "ids[1]", "no ID").value();
  EXPECT_EQ(field.message, "ids[1]: no ID");
  EXPECT_EQ(field.field, "ids[1]");
  EXPECT_EQ(field.retry_delay, 0ms);
  const Status resource = failure(Reason::kExecutorDraining, "later", Resource{"executor", "gpu"}, 100ms).value();
  EXPECT_EQ(resource.resource.type, "executor");
  EXPECT_EQ(resource.resource.name, "gpu");
  EXPECT_EQ(resource.retry_delay, 100ms);
}

TEST(RefusalsTest, CountsOfManyThreadsAddUpByReason) {
  const auto before = refusals(Reason::kTooManySubmits);
  const auto others = refusals(Reason::kTooManyWatchers);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] {
      for (int n = 0; n < 1000; ++n) count_refusal(Reason::kTooManySubmits, 2);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(refusals(Reason::kTooManySubmits), before + 8000);
  EXPECT_EQ(refusals(Reason::kTooManyWatchers), others);
}

}  // namespace
}  // namespace futured::core
