// ModelPair: comparing.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/core/model_pair.h"

namespace futured::core {

void ModelPair::check() {
  check_gauges();
  check_futures();
  check_accounts();
  for (const auto& subscriber : subscribers_) {
    ASSERT_EQ(table_.events_waiting(subscriber->id()), model_.events_waiting(subscriber->id()));
  }
  for (std::size_t i = 0; i < executors_.size(); ++i) {
    ASSERT_LE(executors_[i]->woken() + held_by(*executors_[i]), executors_[i]->describe().max_workers);
  }
}

std::size_t ModelPair::held_by(const ScriptedExecutor& executor) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(held_, [&executor](const Held& held) { return held.executor == &executor; }));
}

void ModelPair::expect_same(const Outcome& outcome, const Outcome& expected) {
  ASSERT_EQ(outcome.state, expected.state);
  ASSERT_EQ(outcome.value.view(), expected.value.view());
  ASSERT_EQ(outcome.error == nullptr, expected.error == nullptr);
  if (outcome.error != nullptr) {
    ASSERT_EQ(outcome.error->message, expected.error->message);
  }
}

void ModelPair::check_gauges() {
  const TableStats stats = table_.stats();
  const TableStats expected = model_.stats();
  ASSERT_EQ(stats.submitted, expected.submitted);
  ASSERT_EQ(stats.succeeded, expected.succeeded);
  ASSERT_EQ(stats.failed, expected.failed);
  ASSERT_EQ(stats.cancelled, expected.cancelled);
  ASSERT_EQ(stats.expired, expected.expired);
  ASSERT_EQ(stats.late, expected.late);
  ASSERT_EQ(stats.retried, expected.retried);
  ASSERT_EQ(stats.refused, expected.refused);
  ASSERT_EQ(stats.unfinished, expected.unfinished);
  ASSERT_EQ(stats.unfinished_bytes, expected.unfinished_bytes);
  ASSERT_EQ(stats.running, expected.running);
  ASSERT_EQ(stats.retained, expected.retained);
  ASSERT_EQ(stats.owed, expected.owed);
  ASSERT_EQ(stats.retained_bytes, expected.retained_bytes);
  ASSERT_EQ(stats.subscribers, expected.subscribers);
  ASSERT_EQ(stats.watches, expected.watches);
  const auto executors = table_.executors();
  std::uint64_t running = 0;
  for (const auto& executor : executors_) {
    ASSERT_EQ(executors[executor->index()].pending, model_.pending(executor->index()));
    running += executors[executor->index()].running;
  }
  ASSERT_EQ(running, stats.running);
  ASSERT_LE(stats.retained, limits_.max_retained);
  ASSERT_LE(stats.retained_bytes, limits_.max_retained_bytes);
}

void ModelPair::check_futures() {
  const auto listed = table_.list(kDaemonAccount, {}, 10'000);
  ASSERT_EQ(listed.size(), model_.futures().size());
  std::uint64_t last = 0;
  for (const FutureSnapshot& snapshot : listed) {
    ASSERT_GT(snapshot.sequence, last);
    last = snapshot.sequence;
    const auto expected = model_.futures().find(snapshot.id);
    ASSERT_NE(expected, model_.futures().end()) << to_string(snapshot.id);
    check_future(snapshot, expected->second);
  }
}

void ModelPair::check_accounts() {
  const auto accounts = table_.accounts();
  for (AccountIndex i = 0; i < accounts.size(); ++i) {
    const AccountSnapshot expected = model_.account(i);
    ASSERT_EQ(accounts[i].unfinished, expected.unfinished) << i;
    ASSERT_EQ(accounts[i].unfinished_bytes, expected.unfinished_bytes) << i;
    ASSERT_EQ(accounts[i].owed, expected.owed) << i;
    ASSERT_EQ(accounts[i].running, expected.running) << i;
    ASSERT_EQ(accounts[i].waiters, expected.waiters) << i;
    ASSERT_EQ(accounts[i].submitted, expected.submitted) << i;
    const auto seen = static_cast<std::size_t>(std::ranges::count_if(
        model_.futures(), [&](const auto& future) { return model_.sees(i, future.second.account); }));
    ASSERT_EQ(table_.list(i, {}, 10'000).size(), seen) << i;
  }
}

void ModelPair::check_future(const FutureSnapshot& snapshot, const ModelFuture& expected) {
  ASSERT_EQ(snapshot.sequence, expected.sequence);
  ASSERT_EQ(snapshot.state, expected.state) << to_string(snapshot.id);
  ASSERT_EQ(snapshot.function, expected.function);
  ASSERT_EQ(snapshot.attempt, expected.attempt);
  ASSERT_EQ(snapshot.started, expected.started);
  ASSERT_EQ(snapshot.due, expected.due);
  ASSERT_EQ(snapshot.last_error != nullptr, expected.has_error);
  ASSERT_EQ(snapshot.arguments_size, expected.arguments.size());
  ASSERT_EQ(snapshot.finished.has_value(), is_final(expected.state));
  if (snapshot.finished) {
    ASSERT_EQ(*snapshot.finished, expected.finished);
  }
  ASSERT_EQ(snapshot.expires.has_value(), is_final(expected.state) && expected.owed == 0);
  if (snapshot.expires) {
    ASSERT_EQ(*snapshot.expires, expected.expires);
  }
  expect_same(snapshot.outcome, expected.outcome);
}

}  // namespace futured::core
