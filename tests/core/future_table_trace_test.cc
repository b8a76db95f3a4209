// FutureTable: the spans of futures whose traces are recorded, and what their functions are told.
#include <gmock/gmock.h>

#include <set>

#include "server/core/future_table.h"
#include "server/store/memory_store.h"
#include "tests/core/test_table.h"
#include "tests/support/recording_spans.h"
#include "tests/support/recording_store.h"

namespace futured::core {
namespace {

using testing::failure_of;
using testing::id_of;
using testing::RecordingSpans;
using testing::RecordingStore;
using testing::shared;
using testing::TestTable;
using Kind = Span::Kind;
using namespace std::chrono_literals;

constexpr SpanId kCaller = 0xb7ad6b7169203331;
const TraceContext kSampled{{0x0af7651916cd43dd, 0x8448eb211c80319c}, kCaller, true, "vendor=1"};

TraceContext not_sampled() {
  TraceContext trace = kSampled;
  trace.sampled = false;
  return trace;
}

TaskPolicy traced(const TraceContext& trace = kSampled) { return {.trace = SharedTrace(trace)}; }

TaskPolicy traced_retry(int attempts) {
  TaskPolicy policy = traced();
  policy.max_attempts = static_cast<std::uint32_t>(attempts);
  policy.retry_jitter = 0;
  return policy;
}

class FutureTableTraceTest : public ::testing::Test {
 protected:
  // The only one of its kind.
  Span one(Kind kind) const {
    const std::vector<Span> some = spans.of(kind);
    EXPECT_EQ(some.size(), 1U);
    return some.empty() ? Span() : some.front();
  }

  store::MemoryStore memory;
  RecordingStore recording;
  RecordingSpans spans;
  TestTable t{{}, {}, memory, {.sink = &spans}};
  TestTable stored{{}, {}, recording, {.sink = &spans}};
};

TEST_F(FutureTableTraceTest, TaskHasSpansOfItsQueueingAndItsRun) {
  const Time submitted = t.time.now();
  ASSERT_TRUE(t.submit({1}, {.policy = shared(traced())}));
  t.time.advance(3s);
  const auto lease = t.executor.come();
  t.executor.begin(*lease, 0);
  (*lease)[0].runs_on("scripted-7");
  t.time.advance(2s);
  EXPECT_EQ(spans.size(), 0U);
  t.executor.end(*lease, 0);
  t.executor.exchange(lease);

  ASSERT_EQ(spans.size(), 2U);
  const Span queue = one(Kind::kQueue);
  EXPECT_EQ(queue.begin, submitted);
  EXPECT_EQ(queue.end, submitted + 3s);
  EXPECT_EQ(queue.outcome, State::kPending);
  const Span run = one(Kind::kRun);
  EXPECT_EQ(run.begin, submitted + 3s);
  EXPECT_EQ(run.end, submitted + 5s);
  EXPECT_EQ(run.outcome, State::kSucceeded);
  EXPECT_EQ(run.worker, "scripted-7");
  for (const Span& span : {queue, run}) {
    EXPECT_EQ(*span.trace, kSampled);
    EXPECT_EQ(span.future, id_of(1));
    EXPECT_EQ(span.attempt, 1U);
    EXPECT_EQ(span.function, "plain");
    EXPECT_EQ(span.executor, "scripted");
  }
  EXPECT_NE(queue.id, run.id);
}

TEST_F(FutureTableTraceTest, FunctionIsPartOfItsRun) {
  const auto lease = t.submit_and_take(1, {.policy = shared(traced())});
  ASSERT_NE((*lease)[0].trace, nullptr);
  const TraceContext given = (*lease)[0].trace->context;
  t.executor.run(lease);
  EXPECT_EQ(given.trace, kSampled.trace);
  EXPECT_EQ(given.parent, one(Kind::kRun).id);
  EXPECT_TRUE(given.sampled);
  EXPECT_EQ(given.state, "vendor=1");
}

TEST_F(FutureTableTraceTest, TaskWithoutTraceHasNothing) {
  const auto lease = t.submit_and_take(1);
  EXPECT_EQ((*lease)[0].trace, nullptr);
  t.executor.run(lease);
  EXPECT_EQ(spans.size(), 0U);
}

TEST_F(FutureTableTraceTest, TraceThatIsNotSampledIsOnlyHandedOn) {
  const auto lease = t.submit_and_take(1, {.policy = shared(traced(not_sampled()))});
  EXPECT_EQ((*lease)[0].trace->context, not_sampled());
  t.executor.run(lease);
  EXPECT_EQ(spans.size(), 0U);
}

TEST_F(FutureTableTraceTest, WithoutASinkFunctionsArePartOfTheirCallers) {
  TestTable silent;
  const auto lease = silent.submit_and_take(1, {.policy = shared(traced())});
  EXPECT_EQ((*lease)[0].trace->context, kSampled);
  silent.executor.run(lease);
}

TEST_F(FutureTableTraceTest, EachAttemptHasItsSpans) {
  const auto first = t.submit_and_take(1, {.policy = shared(traced_retry(2))});
  t.executor.begin(*first, 0);
  t.time.advance(1s);
  t.executor.end(*first, 0, failure_of("ValueError"));
  t.executor.exchange(first);
  const Time failed = t.time.now();
  t.time.advance(1s);
  t.run_one();

  const auto runs = spans.of(Kind::kRun);
  ASSERT_EQ(runs.size(), 2U);
  EXPECT_EQ(runs[0].attempt, 1U);
  EXPECT_EQ(runs[0].outcome, State::kFailed);
  EXPECT_EQ(runs[0].error_type, "ValueError");
  EXPECT_EQ(runs[0].error_origin, Origin::kTask);
  EXPECT_EQ(runs[1].attempt, 2U);
  EXPECT_EQ(runs[1].outcome, State::kSucceeded);
  const auto queues = spans.of(Kind::kQueue);
  ASSERT_EQ(queues.size(), 2U);
  EXPECT_EQ(queues[1].attempt, 2U);
  EXPECT_EQ(queues[1].begin, failed);
  EXPECT_EQ(queues[1].end, failed + 1s);
  EXPECT_EQ((std::set<SpanId>{runs[0].id, runs[1].id, queues[0].id, queues[1].id}).size(), 4U);
}

TEST_F(FutureTableTraceTest, SlotThatIsUsedAgainKnowsNothingOfOldAttempts) {
  const auto first = t.submit_and_take(1, {.policy = shared(traced_retry(2))});
  t.executor.begin(*first, 0);
  t.executor.end(*first, 0, failure_of("E"));
  t.executor.exchange(first);
  ASSERT_EQ(t.cancel(1), CancelEffect::kCancelled);
  const FutureId id = id_of(1);
  t.table.forget(kDaemonAccount, {&id, 1});
  t.time.advance(10s);
  const Time submitted = t.time.now();
  ASSERT_TRUE(t.submit({2}, {.policy = shared(traced())}));
  t.time.advance(1s);
  t.run_one();
  EXPECT_EQ(spans.of(Kind::kQueue).back().begin, submitted);
}

TEST_F(FutureTableTraceTest, CancelledWhilePendingHasWaitedInVain) {
  const Time submitted = t.time.now();
  ASSERT_TRUE(t.submit({1}, {.policy = shared(traced())}));
  t.time.advance(4s);
  ASSERT_EQ(t.cancel(1), CancelEffect::kCancelled);
  ASSERT_EQ(spans.size(), 1U);
  const Span queue = one(Kind::kQueue);
  EXPECT_EQ(queue.outcome, State::kCancelled);
  EXPECT_EQ(queue.attempt, 1U);
  EXPECT_EQ(queue.begin, submitted);
  EXPECT_EQ(queue.end, submitted + 4s);
}

TEST_F(FutureTableTraceTest, LentAndCancelledHasNotRun) {
  t.submit_and_take(1, {.policy = shared(traced())});
  ASSERT_EQ(t.cancel(1), CancelEffect::kCancelled);
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_EQ(one(Kind::kQueue).attempt, 1U);
}

TEST_F(FutureTableTraceTest, RunThatHonoursACancelIsCancelled) {
  const auto lease = t.submit_and_take(1, {.policy = shared(traced())});
  t.executor.begin(*lease, 0);
  ASSERT_EQ(t.cancel(1, CancelMode::kCooperative), CancelEffect::kStopRequested);
  EXPECT_EQ(spans.size(), 0U);
  t.executor.end(*lease, 0, Outcome::cancelled());
  t.executor.exchange(lease);
  EXPECT_EQ(one(Kind::kRun).outcome, State::kCancelled);
}

TEST_F(FutureTableTraceTest, RunThatTimesOutEndsWithItsTime) {
  const auto lease = t.submit_and_take(1, {.timeout = 5s, .policy = shared(traced())});
  const Time begun = t.time.now();
  t.executor.begin(*lease, 0);
  (*lease)[0].runs_on("scripted-7");
  t.time.advance(6s);
  const Span run = one(Kind::kRun);
  EXPECT_EQ(run.begin, begun);
  EXPECT_EQ(run.end, begun + 5s);
  EXPECT_EQ(run.outcome, State::kFailed);
  EXPECT_EQ(run.error_type, "TimeoutError");
  EXPECT_EQ(run.error_origin, Origin::kTimeout);
  // Its worker is inside it, and may be writing there.
  EXPECT_EQ(run.worker, "");
  t.executor.end(*lease, 0);
  t.executor.exchange(lease);
  EXPECT_EQ(spans.of(Kind::kRun).size(), 1U);
}

TEST_F(FutureTableTraceTest, OneThatExpiresHasWaitedInVain) {
  TaskPolicy policy = traced();
  policy.expires = 3s;
  t.submit_and_take(9);
  ASSERT_TRUE(t.submit({1}, {.policy = shared(policy)}));
  t.time.advance(4s);
  const Span queue = one(Kind::kQueue);
  EXPECT_EQ(queue.outcome, State::kFailed);
  EXPECT_EQ(queue.error_origin, Origin::kTimeout);
}

TEST_F(FutureTableTraceTest, StoringHasSpansOfItsOwn) {
  recording.hold();
  const Time submitted = stored.time.now();
  ASSERT_TRUE(stored.submit({1}, {.policy = shared(traced())}));
  stored.time.advance(2s);
  EXPECT_EQ(spans.size(), 0U);
  recording.let_go();
  const Span submission = one(Kind::kStoreSubmission);
  EXPECT_EQ(submission.begin, submitted);
  EXPECT_EQ(submission.end, submitted + 2s);
  EXPECT_EQ(*submission.trace, kSampled);

  recording.hold();
  stored.run_one();
  const Time ended = stored.time.now();
  stored.time.advance(1s);
  EXPECT_EQ(spans.of(Kind::kStoreOutcome).size(), 0U);
  recording.let_go();
  const Span outcome = one(Kind::kStoreOutcome);
  EXPECT_EQ(outcome.begin, ended);
  EXPECT_EQ(outcome.end, ended + 1s);
  EXPECT_EQ(outcome.outcome, State::kSucceeded);
  EXPECT_NE(outcome.id, submission.id);
}

TEST_F(FutureTableTraceTest, WhatIsNotStoredHasNoSpansOfIt) {
  TaskPolicy policy = traced();
  policy.ephemeral = true;
  stored.submit_and_run(1, {.policy = shared(policy)});
  EXPECT_EQ(spans.size(), 2U);
}

TEST_F(FutureTableTraceTest, RestoredOneKeepsItsTraceAndTheIdsOfItsSpans) {
  stored.submit_and_take(1, {.policy = shared(traced_retry(2))});
  const auto task = recording.transitions().front().task;
  RecordingStore later;
  later.remember(1, State::kPending);
  TestTable next{{}, {}, later, {.sink = &spans}};
  std::vector<StoredFuture> futures(1);
  futures[0].id = id_of(1);
  futures[0].sequence = 1;
  futures[0].task = *task;
  next.table.restore(std::move(futures));
  next.table.restored(1);
  const auto lease = next.executor.come();
  const SpanId given = (*lease)[0].trace->context.parent;
  next.executor.run(lease);
  EXPECT_EQ(one(Kind::kRun).id, given);
  EXPECT_EQ(*one(Kind::kRun).trace, kSampled);
}

TEST_F(FutureTableTraceTest, OneThatTheDaemonDidNotOutliveHasItsSpansFromTheNext) {
  recording.remember(1, State::kRunning);
  std::vector<StoredFuture> futures(1);
  futures[0].id = id_of(1);
  futures[0].sequence = 1;
  futures[0].task.function = "plain";
  futures[0].task.executor = "scripted";
  futures[0].task.options.policy = shared(traced());
  futures[0].task.submitted = stored.time.now() - 5s;
  futures[0].started = stored.time.now() - 3s;
  futures[0].state = State::kRunning;
  futures[0].attempt = 1;
  stored.table.restore(std::move(futures));
  const Span run = one(Kind::kRun);
  EXPECT_EQ(run.end - run.begin, 3s);
  EXPECT_EQ(run.error_type, "DaemonRestarted");
  EXPECT_EQ(one(Kind::kQueue).end, run.begin);
}

TEST_F(FutureTableTraceTest, RepeatedSubmissionInAnotherSpanIsTheSameFuture) {
  ASSERT_TRUE(t.submit({1}, {.policy = shared(traced())}));
  ASSERT_TRUE(t.submit({1}, {.policy = shared(traced(not_sampled()))}));
  ASSERT_TRUE(t.submit({1}));
  EXPECT_FALSE(t.submit({1}, {.policy = shared({.priority = 1, .trace = SharedTrace(kSampled)})}));
  t.executor.run_all();
  EXPECT_EQ(*one(Kind::kRun).trace, kSampled);
}

TEST_F(FutureTableTraceTest, ShareOfTheOthersIsTracedToo) {
  RecordingSpans some;
  TestTable half{{}, {}, memory, {.sink = &some, .sample = 0.5, .secret = 42}};
  std::vector<std::uint64_t> counters;
  for (std::uint64_t counter = 1; counter <= 2000; ++counter) counters.push_back(counter);
  ASSERT_TRUE(half.submit(counters));
  half.executor.run_all();
  const auto runs = some.of(Kind::kRun);
  EXPECT_GT(runs.size(), 800U);
  EXPECT_LT(runs.size(), 1200U);
  std::set<std::pair<std::uint64_t, std::uint64_t>> traces;
  for (const Span& run : runs) traces.emplace(run.trace->trace.high, run.trace->trace.low);
  EXPECT_EQ(traces.size(), runs.size());
}

TEST_F(FutureTableTraceTest, TraceThatTheDaemonBeganHasARoot) {
  RecordingSpans all;
  TestTable every{{}, {}, memory, {.sink = &all, .sample = 1, .secret = 42}};
  const Time submitted = every.time.now();
  ASSERT_TRUE(every.submit({1}));
  every.time.advance(2s);
  every.run_one();
  ASSERT_EQ(all.of(Kind::kTask).size(), 1U);
  const Span root = all.of(Kind::kTask).front();
  EXPECT_EQ(root.id, root.trace->parent);
  EXPECT_EQ(root.begin, submitted);
  EXPECT_EQ(root.end, submitted + 2s);
  EXPECT_EQ(root.outcome, State::kSucceeded);
  EXPECT_EQ(*all.of(Kind::kRun).front().trace, *root.trace);
}

TEST_F(FutureTableTraceTest, ChosenOneOfACallerThatRecordsNothingStaysInItsTrace) {
  RecordingSpans all;
  TestTable every{{}, {}, memory, {.sink = &all, .sample = 1, .secret = 42}};
  every.submit_and_run(1, {.policy = shared(traced(not_sampled()))});
  EXPECT_EQ(all.of(Kind::kTask).size(), 0U);
  ASSERT_EQ(all.of(Kind::kRun).size(), 1U);
  EXPECT_EQ(*all.of(Kind::kRun).front().trace, kSampled);
}

}  // namespace
}  // namespace futured::core
