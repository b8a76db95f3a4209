// ModelFutureTable: what a future table should do, over a std::map, one future at a time, with no thought for speed.
//
// It does not guess how many tasks a lease holds; it is told, and says whether they were the right ones. Everything
// else it foretells: answers, events, states, gauges.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "server/core/future_table.h"

namespace futured::testing {

// A future's executor and account, and its session if that has a cap and is the account's own.
struct ModelLaneKey {
  core::ExecutorIndex executor = 0;
  core::AccountIndex account = core::kDaemonAccount;
  std::optional<core::SessionId> session = std::nullopt;
  auto operator<=>(const ModelLaneKey&) const = default;
};

// One call of a worker.
struct ModelEntry {
  enum class Phase { kLent, kBegun, kDone, kReported, kRevoked };
  core::FutureId id;
  std::uint32_t attempt = 0;
  // Tells apart futures that used the same ID one after the other.
  std::uint64_t instance = 0;
  ModelLaneKey lane;
  Phase phase = Phase::kLent;
  bool is_coroutine = false;
  core::Time started;
  core::Time finished;
  core::Outcome outcome;
};

struct ModelLease {
  core::ExecutorIndex executor = 0;
  core::Time lent_at;
  bool called_in = false;
  std::vector<ModelEntry> entries;
};

struct ModelFuture {
  std::uint64_t instance = 0;
  std::uint64_t sequence = 0;
  // Place in the real table's slab, which decides the order among many that end at once.
  std::uint32_t slot = 0;
  core::AccountIndex account = core::kDaemonAccount;
  core::ExecutorIndex executor = 0;
  std::string function;
  std::string arguments;
  core::Duration timeout{-1};
  core::Duration retention{-1};
  core::TaskPolicy policy;
  core::Time submitted;
  ModelLaneKey lane;
  // Place in the lane, and until when it waits for one.
  std::uint64_t place = 0;
  std::optional<core::Time> due;
  bool stop_requested = false;
  // Of the attempt before.
  bool has_error = false;
  core::State state = core::State::kPending;
  std::uint32_t attempt = 0;
  std::optional<core::Time> started;
  core::Time finished;
  core::Outcome outcome;
  // While lent or running: its place, and when its attempt must end.
  ModelLease* lease = nullptr;
  std::size_t entry = 0;
  core::Time deadline;
  // Subscriber and token, the newest last.
  std::vector<std::pair<core::SubscriberId, std::uint64_t>> watches;
  bool published = false;
  // Once final: events not yet read; place in the order of keeping; end of its time.
  unsigned owed = 0;
  std::uint64_t kept_order = 0;
  core::Time expires;

  std::size_t kept_bytes() const { return outcome.size() + (state == core::State::kSucceeded ? 0 : arguments.size()); }
};

struct ModelEvent {
  std::uint64_t token = 0;
  core::Event::Kind kind = core::Event::Kind::kFinished;
  core::FutureId id;
  std::uint64_t instance = 0;
  core::Outcome outcome;
};

class ModelFutureTable {
 public:
  struct NewTask {
    core::FutureId id;
    std::string arguments;
    std::uint64_t token = 0;
  };

  // `deferred`: with a store that keeps futures, what has ended is known only once it is stored; see settle().
  ModelFutureTable(const core::Limits& limits, std::vector<unsigned> max_coroutines, bool deferred)
      : limits_(limits),
        deferred_(deferred),
        max_coroutines_(std::move(max_coroutines)),
        states_(max_coroutines_.size()),
        coroutines_(max_coroutines_.size()) {}

  void set_executor_state(core::ExecutorIndex executor, core::ExecutorState state) { states_[executor] = state; }
  core::ExecutorState executor_state(core::ExecutorIndex executor) const { return states_[executor]; }
  // Accounts but the daemon's come in the order of their indices.
  void set_account(core::AccountIndex account, const core::AccountSettings& settings);
  bool sees(core::AccountIndex caller, core::AccountIndex owner) const;
  // False: it is another account's.
  bool open_session(core::SessionId session, std::uint64_t max_running, core::AccountIndex account);

  // The reason of the refusal.
  std::optional<core::Reason> create(const core::TaskGroup& options, const std::vector<NewTask>& tasks,
                                     core::SubscriberId watcher, core::Time now);

  // The future that must be lent next; nothing when none may be.
  std::optional<core::FutureId> front(core::ExecutorIndex executor) const;
  // What is wrong with a lease; empty when it is right, and then it is noted.
  std::string lend(core::ExecutorIndex executor, const std::shared_ptr<core::Lease>& lease, core::Time now);
  bool begin(core::Lease& lease, std::size_t entry, core::Time now);
  void end(core::Lease& lease, std::size_t entry, core::Time now, const core::Outcome& outcome);
  void exchange(core::Lease& lease);
  void finish(core::Lease& lease, std::size_t entry);
  ModelLease& lease(core::Lease& real) { return leases_.at(&real); }

  std::vector<core::CancelEffect> cancel(core::AccountIndex caller, const std::vector<core::FutureId>& ids,
                                         core::CancelMode mode, core::Time now);
  core::CancelCounts cancel_all(core::AccountIndex caller, std::optional<core::SessionId> session,
                                core::CancelMode mode, core::Time now);

  void add_subscriber(core::SubscriberId id, core::AccountIndex account);
  void remove_subscriber(core::SubscriberId id, core::Time now);
  bool subscribe(core::SubscriberId id, const std::vector<core::WatchRequest>& requests, bool report_unknown,
                 core::Time now);
  // The events; `left` is what drain() returns.
  std::vector<ModelEvent> drain(core::SubscriberId id, std::size_t most, std::size_t most_bytes, core::Time now,
                                bool& left);
  std::size_t events_waiting(core::SubscriberId id) const { return outboxes_.at(id).size(); }

  void release(core::FutureId id, std::uint64_t instance);
  core::ForgetEffect forget(core::AccountIndex caller, core::FutureId id);

  // What the table does at a tick of its timekeeper.
  void tick(core::Time now);
  // The store has answered: what has ended is known.
  void settle(core::Time now);

  const std::map<core::FutureId, ModelFuture>& futures() const { return futures_; }
  core::TableStats stats() const;
  // Without name and limits.
  core::AccountSnapshot account(core::AccountIndex account) const;
  std::uint64_t pending(core::ExecutorIndex executor) const;

 private:
  // The higher priority first, then by place.
  using Turn = std::pair<std::int32_t, std::uint64_t>;
  struct ModelLane {
    std::uint64_t limit = UINT64_MAX;
    std::uint64_t running = 0;
    std::map<Turn, core::FutureId> queue;
  };
  static Turn turn_of(const ModelFuture& future) { return {-future.policy.priority, future.place}; }

  std::optional<core::Reason> refusal_of(const core::TaskGroup& options, const NewTask& task) const;
  std::optional<core::Reason> refusal_of_account(core::AccountIndex account, std::uint64_t fresh,
                                                 std::uint64_t bytes) const;
  bool is_visible(core::AccountIndex caller, core::FutureId id) const;
  // Whether the account may run no more there.
  bool is_full(const ModelLaneKey& lane) const;
  // The future of an entry, unless that has ended without it, or is at another attempt.
  ModelFuture* unfinished(const ModelEntry& entry);
  void enqueue(core::FutureId id, ModelFuture& future);
  void schedule(core::FutureId id, ModelFuture& future, core::Time begins, core::Time now);
  void begin_due(core::Time now);
  void fail_expired(core::Time now);
  void report(ModelLease& lease, std::size_t entry);
  void mark_running(const ModelEntry& entry);
  void stopped_running(const ModelEntry& entry);
  core::CancelEffect cancel(core::FutureId id, core::CancelMode mode, core::Time now);
  void call_in(ModelLease& lease);
  void time_out(core::Time now);
  void end_attempt(core::FutureId id, ModelFuture& future, const core::Outcome& outcome, core::Time now);
  void complete(core::FutureId id, ModelFuture& future, const core::Outcome& outcome, core::Time now);
  void publish(core::FutureId id);
  void watch(core::SubscriberId id, core::FutureId future, std::uint64_t token, core::Time now);
  void keep(ModelFuture& future, core::Time now);
  void pay(const ModelEvent& event, core::Time now);
  void erase(core::FutureId id);
  // Forgets what is above the limits or too old.
  void evict(core::Time now);
  std::optional<core::FutureId> due(core::Time now) const;

  const core::Limits limits_;
  const bool deferred_;
  const std::vector<unsigned> max_coroutines_;
  std::vector<core::ExecutorState> states_;
  // Lent or running, for each executor.
  std::vector<unsigned> coroutines_;
  // The first is the daemon's.
  std::vector<core::AccountSettings> accounts_{{}};
  std::vector<std::uint64_t> submitted_{0};
  std::map<core::SubscriberId, core::AccountIndex> waiters_;
  std::map<core::SessionId, core::AccountIndex> owners_;
  std::map<core::SessionId, std::uint64_t> caps_;
  std::map<ModelLaneKey, ModelLane> lanes_;
  std::map<core::FutureId, ModelFuture> futures_;
  std::map<const core::Lease*, ModelLease> leases_;
  // The newest first.
  std::vector<ModelLease*> open_leases_;
  std::map<core::SubscriberId, std::vector<ModelEvent>> outboxes_;
  // Have ended, and nobody knows yet.
  std::vector<core::FutureId> unpublished_;
  // As the slab does it: what was freed last is used first.
  std::vector<std::uint32_t> free_slots_;
  std::uint32_t fresh_slot_ = 0;
  std::uint64_t last_sequence_ = 0;
  std::uint64_t last_kept_ = 0;
  std::uint64_t last_place_ = 0;
  core::TableStats counters_;
};

}  // namespace futured::testing
