// What every kind of executor must do, together with the table. A new kind instantiates it:
//
//   INSTANTIATE_TEST_SUITE_P(Thread, ExecutorConformanceTest, testing::Values(kind), name_of_kind);
//
// in namespace futured::testing, with ProgressConformanceTest (progress_conformance.h) and TraceConformanceTest
// (trace_conformance.h) beside it, and is an executor when it passes.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "tests/exec/conformance_functions.h"
#include "tests/exec/executor_under_test.h"
#include "tests/exec/rendezvous.h"

namespace futured::testing {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

class ExecutorConformanceTest : public ::testing::TestWithParam<ExecutorKind> {};

inline std::string name_of_kind(const ::testing::TestParamInfo<ExecutorKind>& info) { return info.param.name; }

// --- Values and errors.

TEST_P(ExecutorConformanceTest, ValueOfTheFunctionIsTheOutcome) {
  ExecutorBench bench(GetParam());
  EXPECT_EQ(bench.value<std::int64_t>(bench.submit(kAdd, 20, 22)), 42);
  EXPECT_EQ(bench.value<std::string>(bench.submit(kEcho, "text")), "text");
}

// semantics 118
TEST_P(ExecutorConformanceTest, NothingIsAValue) {
  ExecutorBench bench(GetParam());
  const core::Outcome outcome = bench.outcome(bench.submit(kNothing));
  EXPECT_EQ(outcome.state, core::State::kSucceeded);
  EXPECT_EQ(outcome.value.view(), encode_nothing());
}

TEST_P(ExecutorConformanceTest, ExceptionIsTheOutcomeWithTypeAndText) {
  ExecutorBench bench(GetParam());
  const core::Error error = bench.error(bench.submit(kThrow, "what happened"));
  EXPECT_EQ(error.origin, core::Origin::kTask);
  EXPECT_EQ(error.type, "std::invalid_argument");
  EXPECT_EQ(error.message, "what happened");
  EXPECT_EQ(error.attempt, 1U);
  EXPECT_FALSE(error.worker.empty());
  EXPECT_EQ(error.cause, nullptr);
}

TEST_P(ExecutorConformanceTest, NestedExceptionIsTheCause) {
  ExecutorBench bench(GetParam());
  const core::Error error = bench.error(bench.submit(kThrow, "nested"));
  EXPECT_EQ(error.message, "the effect");
  ASSERT_NE(error.cause, nullptr);
  EXPECT_EQ(error.cause->type, "std::out_of_range");
  EXPECT_EQ(error.cause->message, "the cause");
}

// semantics 75
TEST_P(ExecutorConformanceTest, AnythingMayBeThrownAndTheWorkerGoesOn) {
  ExecutorBench bench(GetParam(), {.max_workers = 1});
  for (const char* word : {"int", "text", "odd", "empty", "cancelled"}) {
    const core::Error error = bench.error(bench.submit(kThrow, word));
    EXPECT_EQ(error.origin, core::Origin::kTask) << word;
    EXPECT_FALSE(error.type.empty()) << word;
  }
  EXPECT_EQ(bench.value<std::string>(bench.submit(kEcho, "still there")), "still there");
}

// semantics 4
TEST_P(ExecutorConformanceTest, UnknownFunctionFailsTheFuture) {
  ExecutorBench bench(GetParam());
  const core::Error error = bench.error(bench.submit_bytes("nobody.knows", encode_arguments(1)));
  EXPECT_EQ(error.origin, core::Origin::kCall);
  EXPECT_THAT(error.message, HasSubstr("nobody.knows"));
}

TEST_P(ExecutorConformanceTest, WrongArgumentsFailTheFutureAndNameTheFunction) {
  ExecutorBench bench(GetParam());
  const std::string wrong[] = {encode_arguments("twenty", 22), encode_arguments(20), encode_arguments(20, 22, 24),
                               encode_arguments(), "\xff\xff not a message"};
  for (const std::string& arguments : wrong) {
    const core::Error error = bench.error(bench.submit_bytes(kAdd.name(), arguments));
    EXPECT_EQ(error.origin, core::Origin::kCall);
    EXPECT_THAT(error.message, HasSubstr("conformance.add"));
  }
}

TEST_P(ExecutorConformanceTest, ValueAboveTheLimitFailsTheFuture) {
  ExecutorBench bench(GetParam(), {.max_value_size = 1000});
  EXPECT_EQ(bench.value<std::string>(bench.submit(kLarge, 900U)).size(), 900U);
  const core::Error error = bench.error(bench.submit(kLarge, 1001U));
  EXPECT_EQ(error.origin, core::Origin::kLimit);
  EXPECT_THAT(error.message, HasSubstr("the limit is 1000"));
}

TEST_P(ExecutorConformanceTest, LargeValuesComeBackWhole) {
  ExecutorBench bench(GetParam(), {.max_value_size = 5 << 20});
  const std::string text(4 << 20, 'x');
  EXPECT_TRUE(bench.value<std::string>(bench.submit(kEcho, text)) == text);
}

TEST_P(ExecutorConformanceTest, FunctionSeesItsIdAttemptAndDeadline) {
  ExecutorBench bench(GetParam());
  core::FutureId id = bench.submit(kDescribe);
  EXPECT_EQ(bench.value<std::string>(id), to_string(id) + " 1 none");
  bench.timeout = 1h;
  id = bench.submit(kDescribe);
  EXPECT_EQ(bench.value<std::string>(id), to_string(id) + " 1 some");
}

// --- Order and concurrency.

// semantics 68, 69
TEST_P(ExecutorConformanceTest, AsManyRunAtOnceAsThereAreWorkersAndNoMore) {
  Rendezvous rendezvous;
  ExecutorBench bench(GetParam(), {.max_workers = 3});
  std::vector<core::FutureId> ids;
  for (const char* name : {"a", "b", "c", "d", "e"}) ids.push_back(bench.submit(kHold, rendezvous.path(), name));
  // All three are inside at the same time.
  EXPECT_EQ(rendezvous.arrivals(3).size(), 3U);
  EXPECT_EQ(bench.table.stats().running, 3U);
  EXPECT_FALSE(rendezvous.arrival(0ms));
  rendezvous.open("go");
  for (const core::FutureId id : ids) EXPECT_EQ(bench.outcome(id).state, core::State::kSucceeded);
  EXPECT_EQ(rendezvous.arrivals(2).size(), 2U);
}

// semantics 6
TEST_P(ExecutorConformanceTest, OneWorkerStartsThemInOrderOfSubmission) {
  Rendezvous rendezvous;
  ExecutorBench bench(GetParam(), {.max_workers = 1});
  std::vector<std::string> names;
  for (int i = 0; i < 20; ++i) {
    names.push_back(std::to_string(i));
    bench.submit(kHold, rendezvous.path(), names.back());
  }
  rendezvous.open("go");
  EXPECT_EQ(rendezvous.arrivals(20), names);
}

TEST_P(ExecutorConformanceTest, QuickTaskIsNotStuckBehindSlowOnes) {
  Rendezvous rendezvous;
  ExecutorBench bench(GetParam(), {.max_workers = 2});
  // So that several are lent at once, and then one of them blocks.
  for (int i = 0; i < 50; ++i) bench.outcome(bench.submit(kEcho, "quick"));
  const core::FutureId slow = bench.submit(kHold, rendezvous.path(), "slow");
  ASSERT_TRUE(rendezvous.arrival());
  std::vector<core::FutureId> quick;
  for (int i = 0; i < 200; ++i) quick.push_back(bench.submit(kEcho, "quick"));
  for (const core::FutureId id : quick) EXPECT_EQ(bench.outcome(id).state, core::State::kSucceeded);
  EXPECT_FALSE(is_final(bench.state(slow)));
  rendezvous.open("go");
  EXPECT_EQ(bench.value<std::string>(slow), "slow");
}

TEST_P(ExecutorConformanceTest, RunningOneIsSeenToRun) {
  Rendezvous rendezvous;
  ExecutorBench bench(GetParam());
  const core::FutureId id = bench.submit(kHold, rendezvous.path(), "a");
  ASSERT_TRUE(rendezvous.arrival());
  EXPECT_EQ(bench.cancel(id, core::CancelMode::kPending), core::CancelEffect::kRunning);
  EXPECT_EQ(bench.state(id), core::State::kRunning);
  rendezvous.open("go");
  EXPECT_EQ(bench.value<std::string>(id), "a");
}

TEST_P(ExecutorConformanceTest, TenThousandTinyTasksAllEnd) {
  ExecutorBench bench(GetParam());
  std::vector<core::FutureId> ids;
  for (int i = 0; i < 10'000; ++i) ids.push_back(bench.submit(kAdd, i, 1));
  for (int i = 0; i < 10'000; ++i) ASSERT_EQ(bench.value<std::int64_t>(ids[static_cast<std::size_t>(i)]), i + 1);
  EXPECT_EQ(bench.table.stats().running, 0U);
}

TEST_P(ExecutorConformanceTest, TasksOneAfterAnotherEachWakeAWorker) {
  ExecutorBench bench(GetParam());
  for (int i = 0; i < 300; ++i) ASSERT_EQ(bench.value<std::int64_t>(bench.submit(kAdd, i, 1)), i + 1);
}

TEST_P(ExecutorConformanceTest, ManyMayFillTheQueueWhileAllWorkersAreBusy) {
  Rendezvous rendezvous;
  ExecutorBench bench(GetParam(), {.max_workers = 2});
  for (const char* name : {"a", "b"}) bench.submit(kHold, rendezvous.path(), name);
  ASSERT_EQ(rendezvous.arrivals(2).size(), 2U);
  std::vector<core::FutureId> ids;
  for (int i = 0; i < 1000; ++i) ids.push_back(bench.submit(kAdd, i, i));
  EXPECT_EQ(bench.table.executors()[0].pending, 1000U);
  rendezvous.open("go");
  for (const core::FutureId id : ids) EXPECT_EQ(bench.outcome(id).state, core::State::kSucceeded);
}

TEST_P(ExecutorConformanceTest, SessionIsHeldToItsCapAndOthersPassIt) {
  Rendezvous rendezvous;
  ExecutorBench bench(GetParam(), {.max_workers = 4});
  bench.table.open_session(bench.session, 1, core::kDaemonAccount);
  const core::FutureId first = bench.submit(kHold, rendezvous.path(), "first");
  const core::FutureId second = bench.submit(kHold, rendezvous.path(), "second");
  EXPECT_EQ(rendezvous.arrival(), "first");
  bench.session = core::random_session_id();
  EXPECT_EQ(bench.value<std::string>(bench.submit(kEcho, "passes")), "passes");
  EXPECT_EQ(bench.state(second), core::State::kPending);
  EXPECT_FALSE(rendezvous.arrival(0ms));
  rendezvous.open("go");
  EXPECT_EQ(bench.value<std::string>(first), "first");
  EXPECT_EQ(bench.value<std::string>(second), "second");
}

// --- Cancelling and timeouts.

TEST_P(ExecutorConformanceTest, CancelledPendingOneNeverRuns) {
  Rendezvous rendezvous;
  ExecutorBench bench(GetParam(), {.max_workers = 1});
  bench.submit(kHold, rendezvous.path(), "first");
  ASSERT_TRUE(rendezvous.arrival());
  const core::FutureId never = bench.submit(kHold, rendezvous.path(), "never");
  const core::FutureId last = bench.submit(kHold, rendezvous.path(), "last");
  EXPECT_EQ(bench.cancel(never, core::CancelMode::kPending), core::CancelEffect::kCancelled);
  EXPECT_EQ(bench.outcome(never).state, core::State::kCancelled);
  rendezvous.open("go");
  EXPECT_EQ(bench.value<std::string>(last), "last");
  EXPECT_EQ(rendezvous.arrival(), "last");
}

TEST_P(ExecutorConformanceTest, RunningOneThatHonoursTheRequestIsCancelled) {
  Rendezvous rendezvous;
  ExecutorBench bench(GetParam());
  const core::FutureId id = bench.submit(kHoldUntilStopped, rendezvous.path(), "a");
  ASSERT_TRUE(rendezvous.arrival());
  EXPECT_EQ(bench.cancel(id, core::CancelMode::kCooperative), core::CancelEffect::kStopRequested);
  EXPECT_EQ(bench.outcome(id).state, core::State::kCancelled);
}

TEST_P(ExecutorConformanceTest, RunningOneMayEndAsItLikesAfterTheRequest) {
  Rendezvous rendezvous;
  ExecutorBench bench(GetParam());
  const core::FutureId id = bench.submit(kHoldAndReturn, rendezvous.path(), "a");
  ASSERT_TRUE(rendezvous.arrival());
  bench.cancel(id, core::CancelMode::kCooperative);
  EXPECT_EQ(bench.value<std::string>(id), "stopped");
}

TEST_P(ExecutorConformanceTest, RequestReachesOneOfManyAlone) {
  Rendezvous rendezvous;
  ExecutorBench bench(GetParam(), {.max_workers = 2});
  const core::FutureId first = bench.submit(kHoldUntilStopped, rendezvous.path(), "first");
  const core::FutureId second = bench.submit(kHoldUntilStopped, rendezvous.path(), "second");
  ASSERT_EQ(rendezvous.arrivals(2).size(), 2U);
  bench.cancel(second, core::CancelMode::kCooperative);
  EXPECT_EQ(bench.outcome(second).state, core::State::kCancelled);
  EXPECT_FALSE(is_final(bench.state(first)));
  rendezvous.open("go");
  EXPECT_EQ(bench.value<std::string>(first), "first");
}

TEST_P(ExecutorConformanceTest, TimeoutFailsTheFutureAndAsksTheFunctionToStop) {
  Rendezvous rendezvous;
  ExecutorBench bench(GetParam(), {.max_workers = 1});
  bench.timeout = 30ms;
  const core::Error error = bench.error(bench.submit(kHoldUntilStopped, rendezvous.path(), "a"));
  EXPECT_EQ(error.origin, core::Origin::kTimeout);
  EXPECT_THAT(error.message, HasSubstr("30 ms"));
  // The only worker comes back, as the function was asked to stop.
  bench.timeout = core::Duration(-1);
  EXPECT_EQ(bench.value<std::string>(bench.submit(kEcho, "next")), "next");
}

TEST_P(ExecutorConformanceTest, OneThatEndsInTimeIsNotTouched) {
  ExecutorBench bench(GetParam());
  bench.timeout = 1h;
  EXPECT_EQ(bench.value<std::string>(bench.submit(kEcho, "a")), "a");
}

// --- Coroutines.

TEST_P(ExecutorConformanceTest, CoroutinesEndLikeFunctions) {
  if (!GetParam().has_coroutines) GTEST_SKIP() << "this kind has none";
  ExecutorBench bench(GetParam());
  std::vector<core::FutureId> ids;
  for (int i = 0; i < 200; ++i) ids.push_back(bench.submit(kEchoLater, std::to_string(i)));
  for (std::size_t i = 0; i < ids.size(); ++i) EXPECT_EQ(bench.value<std::string>(ids[i]), std::to_string(i));
}

TEST_P(ExecutorConformanceTest, ManyCoroutinesAreUnderWayOnOneWorker) {
  if (!GetParam().has_coroutines) GTEST_SKIP() << "this kind has none";
  Rendezvous rendezvous;
  ExecutorBench bench(GetParam(), {.max_workers = 1, .max_coroutines = 50});
  std::vector<core::FutureId> ids;
  for (int i = 0; i < 60; ++i) ids.push_back(bench.submit(kHoldLater, rendezvous.path(), std::to_string(i)));
  EXPECT_EQ(rendezvous.arrivals(50).size(), 50U);
  EXPECT_FALSE(rendezvous.arrival(0ms));
  rendezvous.open("go");
  for (const core::FutureId id : ids) EXPECT_EQ(bench.outcome(id).state, core::State::kSucceeded);
}

TEST_P(ExecutorConformanceTest, PlainFunctionsRunBesideSuspendedCoroutines) {
  if (!GetParam().has_coroutines) GTEST_SKIP() << "this kind has none";
  Rendezvous rendezvous;
  ExecutorBench bench(GetParam(), {.max_workers = 1});
  const core::FutureId later = bench.submit(kHoldLater, rendezvous.path(), "later");
  ASSERT_TRUE(rendezvous.arrival());
  EXPECT_EQ(bench.value<std::string>(bench.submit(kEcho, "now")), "now");
  rendezvous.open("go");
  EXPECT_EQ(bench.value<std::string>(later), "later");
}

TEST_P(ExecutorConformanceTest, CoroutineGoesOnWhileEveryWorkerIsInsideAFunction) {
  if (!GetParam().has_coroutines) GTEST_SKIP() << "this kind has none";
  Rendezvous of_coroutine;
  Rendezvous of_function;
  ExecutorBench bench(GetParam(), {.max_workers = 1});
  const core::FutureId later = bench.submit(kHoldLater, of_coroutine.path(), "later");
  ASSERT_TRUE(of_coroutine.arrival());
  bench.submit(kHold, of_function.path(), "blocks");
  ASSERT_TRUE(of_function.arrival());
  of_coroutine.open("go");
  EXPECT_EQ(bench.value<std::string>(later), "later");
  of_function.open("go");
}

TEST_P(ExecutorConformanceTest, SuspendedCoroutineIsCancelledOnRequest) {
  if (!GetParam().has_coroutines) GTEST_SKIP() << "this kind has none";
  Rendezvous rendezvous;
  ExecutorBench bench(GetParam());
  const core::FutureId id = bench.submit(kHoldLater, rendezvous.path(), "a");
  ASSERT_TRUE(rendezvous.arrival());
  EXPECT_EQ(bench.cancel(id, core::CancelMode::kCooperative), core::CancelEffect::kStopRequested);
  EXPECT_EQ(bench.outcome(id).state, core::State::kCancelled);
}

TEST_P(ExecutorConformanceTest, WrongArgumentsFailACoroutineToo) {
  if (!GetParam().has_coroutines) GTEST_SKIP() << "this kind has none";
  ExecutorBench bench(GetParam());
  const core::Error error = bench.error(bench.submit_bytes(kEchoLater.name(), encode_arguments(1, 2)));
  EXPECT_EQ(error.origin, core::Origin::kCall);
  EXPECT_THAT(error.message, HasSubstr("conformance.echo_later"));
}

// --- Ending.

TEST_P(ExecutorConformanceTest, StopWaitsForWhatRuns) {
  Rendezvous rendezvous;
  ExecutorBench bench(GetParam());
  const core::FutureId id = bench.submit(kHold, rendezvous.path(), "a");
  ASSERT_TRUE(rendezvous.arrival());
  std::thread opener([&rendezvous] { rendezvous.open("go"); });
  bench.executor->stop();
  opener.join();
  EXPECT_EQ(bench.state(id), core::State::kSucceeded);
  EXPECT_EQ(bench.table.stats().running, 0U);
}

TEST_P(ExecutorConformanceTest, StopWithoutWorkReturnsAndMayBeRepeated) {
  ExecutorBench bench(GetParam());
  bench.executor->stop();
  bench.executor->stop();
  EXPECT_EQ(bench.table.stats().running, 0U);
}

TEST_P(ExecutorConformanceTest, DescriptionNamesKindSizeAndFunctions) {
  ExecutorBench bench(GetParam(), {.max_workers = 3, .max_coroutines = 7});
  const core::ExecutorDescription& description = *bench.table.executors()[0].description;
  EXPECT_FALSE(description.name.empty());
  EXPECT_FALSE(description.kind.empty());
  EXPECT_EQ(description.max_workers, 3U);
  const auto add = std::ranges::find(description.functions, kAdd.name(), &core::FunctionDescription::name);
  ASSERT_NE(add, description.functions.end());
  EXPECT_EQ(add->signature, "int64(int64, int64)");
  EXPECT_FALSE(add->is_coroutine);
}

}  // namespace futured::testing
