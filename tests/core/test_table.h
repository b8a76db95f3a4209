// TestTable: a future table on manual time with one scripted executor, and short words for what tests do with it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/core/future_table.h"
#include "server/store/memory_store.h"
#include "tests/support/manual_time.h"
#include "tests/support/recording_subscriber.h"
#include "tests/support/scripted_executor.h"

namespace futured::testing {

// The session whose counters name the futures of a test. Open, without a limit.
inline constexpr core::SessionId kSession{0x0b5f9a3e71c28d40, 0x9e5a};
inline core::FutureId id_of(std::uint64_t counter, core::SessionId session = kSession) {
  return core::make_future_id(session, counter);
}

// How a test's tasks are submitted.
struct TaskOptions {
  std::string_view function = "plain";
  std::string_view arguments = {};
  core::Duration timeout{-1};
  core::Duration retention{-1};
  core::SubscriberId watcher = core::kNoSubscriber;
  core::SessionId session = kSession;
  std::shared_ptr<const core::TaskPolicy> policy = nullptr;
  core::AccountIndex account = core::kDaemonAccount;
};

// A pending one, as a store has kept it. An empty name: there were no accounts.
inline core::StoredFuture stored_future(core::FutureId id, std::uint64_t sequence, const core::AccountName& account) {
  core::StoredFuture future;
  future.id = id;
  future.sequence = sequence;
  future.task.function = "plain";
  future.task.executor = "scripted";
  if (!account.name.empty()) future.task.account = std::make_shared<const core::AccountName>(account);
  return future;
}

inline std::shared_ptr<const core::TaskPolicy> shared(core::TaskPolicy policy) {
  return std::make_shared<const core::TaskPolicy>(std::move(policy));
}
// A failure such as functions have.
inline core::Outcome failure_of(std::string type, core::Origin origin = core::Origin::kTask) {
  return core::Outcome::failed({origin, std::move(type), "a message", "", nullptr, 1, ""});
}

// For one thread.
class TestTable {
 public:
  explicit TestTable(const ScriptedExecutor::Options& options = {}, const core::Limits& limits = {})
      : TestTable(options, limits, memory_store) {}
  TestTable(const ScriptedExecutor::Options& options, const core::Limits& limits, core::Store& store,
            const core::TracingSettings& tracing = {})
      : table({time, time, store, tracing}, limits), executor(table, time, options) {
    table.open_session(kSession, 0, core::kDaemonAccount);
  }

  core::Result<void> submit(const std::vector<std::uint64_t>& counters, const TaskOptions& options = {}) {
    std::vector<core::NewTask> tasks;
    for (const std::uint64_t counter : counters) {
      tasks.push_back({id_of(counter, options.session), core::Bytes(options.arguments), counter});
    }
    core::TaskGroup group{options.function,
                          executor.index(),
                          {options.timeout, options.retention, options.policy},
                          tasks,
                          options.account};
    return table.create({&group, 1}, options.watcher, nullptr);
  }
  // Submits one and takes it. REQUIRES: nothing else is pending, and a worker is free.
  std::shared_ptr<core::Lease> submit_and_take(std::uint64_t counter, const TaskOptions& options = {}) {
    if (!submit({counter}, options) || executor.woken() == 0) return nullptr;
    return executor.come();
  }
  // Submits one and runs it to its end.
  void submit_and_run(std::uint64_t counter, const TaskOptions& options = {},
                      const core::Outcome& outcome = core::Outcome::succeeded(core::Bytes())) {
    const auto lease = submit_and_take(counter, options);
    executor.begin(*lease, 0);
    executor.end(*lease, 0, outcome);
    executor.exchange(lease);
  }
  // A worker that was woken begins the next task and ends it. REQUIRES: as for submit_and_take().
  void run_one(const core::Outcome& outcome = core::Outcome::succeeded(core::Bytes())) {
    const auto lease = executor.come();
    executor.begin(*lease, 0);
    executor.end(*lease, 0, outcome);
    executor.exchange(lease);
  }
  // So that the next leases hold many of a function's tasks.
  void learn_that_it_is_quick(std::string_view function = "plain") {
    const std::uint64_t counter = 1'000'000 + ++learned_;
    submit_and_run(counter, {.function = function});
    const core::FutureId id = id_of(counter);
    table.forget(core::kDaemonAccount, {&id, 1});
  }

  core::CancelEffect cancel(std::uint64_t counter, core::CancelMode mode = core::CancelMode::kPending) {
    const core::FutureId id = id_of(counter);
    return table.cancel(core::kDaemonAccount, {&id, 1}, mode).front();
  }
  // REQUIRES: it exists.
  core::FutureSnapshot snapshot(std::uint64_t counter) {
    const core::FutureId id = id_of(counter);
    return table.get(core::kDaemonAccount, {&id, 1}).front().value();
  }
  core::State state(std::uint64_t counter) { return snapshot(counter).state; }
  bool exists(std::uint64_t counter) {
    const core::FutureId id = id_of(counter);
    return table.states(core::kDaemonAccount, {&id, 1}).front().has_value();
  }
  core::Result<void> watch(const RecordingSubscriber& subscriber, const std::vector<std::uint64_t>& counters,
                           bool report_unknown = false) {
    std::vector<core::WatchRequest> requests;
    for (const std::uint64_t counter : counters) requests.push_back({id_of(counter), counter});
    return table.subscribe(subscriber.id(), requests, report_unknown);
  }
  core::ForgetEffect forget(std::uint64_t counter) {
    const core::FutureId id = id_of(counter);
    return table.forget(core::kDaemonAccount, {&id, 1}).front();
  }

  ManualTime time;
  store::MemoryStore memory_store;
  core::FutureTable table;
  ScriptedExecutor executor;

 private:
  std::uint64_t learned_ = 0;
};

}  // namespace futured::testing
