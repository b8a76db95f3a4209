// FutureTable: every future's state, and the only place where it changes.
//
// One mutex protects it. Under the mutex: look up, move state, collect whom to tell. Never under it: functions of
// users, I/O, notifications, other locks. All methods take batches, and may be called from any thread unless they say
// otherwise; none blocks beyond the mutex.
//
// The other end of each waiting call is a Subscriber: it is notified once, then drains its events in the order in which
// they happened. Workers borrow tasks by leases (lease.h). TaskWatch sees them go by.
//
// Whoever asks about futures says for which account (account.h). Futures of other namespaces are to it as if they had
// never been: nothing that it is told depends on whether they are there.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "server/core/accounts.h"
#include "server/core/clock.h"
#include "server/core/executor.h"
#include "server/core/id_index.h"
#include "server/core/limits.h"
#include "server/core/mutex.h"
#include "server/core/outgoing.h"
#include "server/core/progress.h"
#include "server/core/ready_queue.h"
#include "server/core/record.h"
#include "server/core/requests.h"
#include "server/core/retention.h"
#include "server/core/snapshot.h"
#include "server/core/status.h"
#include "server/core/subscriber.h"
#include "server/core/table_metrics.h"
#include "server/core/table_parts.h"
#include "server/core/task_log.h"
#include "server/core/watch_list.h"

namespace futured::core {

class TaskWatch;

class FutureTable {
 public:
  using Parts = TableParts;
  // `limits` is copied.
  FutureTable(Parts parts, const Limits& limits);
  // REQUIRES: the timekeeper is stopped, and no worker and no subscriber uses the table any more.
  ~FutureTable();
  FutureTable(const FutureTable&) = delete;
  FutureTable& operator=(const FutureTable&) = delete;

  // --- Executors: added before the first task.

  // `executor` is not owned and must outlive the table's use.
  ExecutorIndex add_executor(Executor& executor) FUTURED_EXCLUDES(mu_);
  // kNotFound names those there are. An empty name is the first.
  Result<ExecutorIndex> find_executor(std::string_view name) const FUTURED_EXCLUDES(mu_);
  std::vector<ExecutorSnapshot> executors() const FUTURED_EXCLUDES(mu_);
  void set_executor_state(ExecutorIndex executor, ExecutorState state) FUTURED_EXCLUDES(mu_);

  // --- Accounts.

  // By name and namespace: one that is known gets the new limits, which hold from now on. REQUIRES: a name.
  AccountIndex add_account(const AccountSettings& settings) FUTURED_EXCLUDES(mu_);
  // In the order of their indices.
  std::vector<AccountSnapshot> accounts() const FUTURED_EXCLUDES(mu_);
  // Counts a stream of an account; kResourceExhausted when it has too many. Each one is closed once.
  Result<void> open_stream(AccountIndex account) FUTURED_EXCLUDES(mu_);
  void close_stream(AccountIndex account) FUTURED_EXCLUDES(mu_);

  // --- Sessions.

  // At most `max_running` (0: no limit) of its tasks run at once on each executor. That holds, and an expired future of
  // it is told from one that never was, until it is closed as often as opened. Refused to all but its first user.
  Result<void> open_session(SessionId session, std::uint64_t max_running, AccountIndex account) FUTURED_EXCLUDES(mu_);
  // Of IDs that the daemon draws. Everybody's futures may be in it, and nobody opens it.
  void open_drawn_session(SessionId session) FUTURED_EXCLUDES(mu_);
  // A session that is not open, because it was closed or never opened, is remembered with its owner and its limit until
  // 10,000 others were used since. REQUIRES: open.
  void close_session(SessionId session) FUTURED_EXCLUDES(mu_);

  // --- Submitting.

  // Accepts all tasks, or none. With a watcher, each finish is an event of its; an ID that exists with the same task is
  // the same future. Calls `when_durable` when the futures are as safe as the store makes them, possibly before
  // returning; not on failure.
  //   kAlreadyExists  an ID has another task; kInvalidArgument  a timeout is above Limits::max_timeout;
  //   kPermissionDenied  an ID is of a session of another namespace, or of one from which the daemon draws.
  // And unless all exist:
  //   kResourceExhausted  a limit of the daemon or the account (with retry delay, unless the tasks alone exceed it);
  //   kUnavailable  the daemon or executor drains; kFailedPrecondition  it is absent; what Store::refusal() says.
  // REQUIRES: all groups are of one account.
  Result<void> create(std::span<TaskGroup> groups, SubscriberId watcher, std::function<void()> when_durable)
      FUTURED_EXCLUDES(mu_);

  // --- What survived.

  // Takes futures that a store kept, in the order of their sequence. What ran when the daemon ended fails as
  // DaemonRestarted, or is attempted again if its policy allows that; what had been asked to stop is cancelled. A
  // session has the limit that it had when the last of them was submitted, until it is opened. An account that is not
  // known is added without limits. May be repeated. REQUIRES: their executors were added; nothing else uses the table.
  void restore(std::vector<StoredFuture> futures) FUTURED_EXCLUDES(mu_);
  // All were restored: work begins. `highest_sequence`: of a future that ever was. Unless the daemon before
  // `ended_in_order`, one of the oldest may have killed it: of these each begins alone, once that is stored.
  void restored(std::uint64_t highest_sequence, bool ended_in_order = true) FUTURED_EXCLUDES(mu_);

  // --- Workers.

  // The next tasks for a worker of an executor, up to `most`. Null: there is nothing to do, and the worker is idle.
  std::shared_ptr<Lease> take(ExecutorIndex executor, std::size_t most = kMostLent) FUTURED_EXCLUDES(mu_);
  // Reports what has ended of a lease and gives it back; coroutines that have begun go on, and report by finish().
  std::shared_ptr<Lease> exchange(const std::shared_ptr<Lease>& lease, std::size_t most = kMostLent)
      FUTURED_EXCLUDES(mu_);
  // For a worker that cannot go on: reports what has ended of a lease; what has not begun goes back to the queue. The
  // worker is idle. REQUIRES: what has begun has ended.
  void give_back(const std::shared_ptr<Lease>& lease) FUTURED_EXCLUDES(mu_);
  // For a lease whose process is gone: takes back what it had not begun; returns what it had, which may then be ended.
  std::vector<std::size_t> reclaim(Lease& lease) FUTURED_EXCLUDES(mu_);
  // Takes back all entries after `entry` that have not begun, so that the worker begins none of them.
  void take_back_after(Lease& lease, std::size_t entry) FUTURED_EXCLUDES(mu_);
  // Whether an entry was taken back, for one who heard of it from its worker.
  bool was_taken_back(const Lease& lease, std::size_t entry) const FUTURED_EXCLUDES(mu_);
  // The function of the task that take() would give first, if there is one.
  std::optional<std::string> next_function(ExecutorIndex executor) const FUTURED_EXCLUDES(mu_);
  // Reports one entry that has ended. For coroutines; from any thread, once.
  void finish(Lease& lease, std::size_t entry) FUTURED_EXCLUDES(mu_);
  // Keeps lines that the function of an entry has logged; its source has dropped `dropped` before them. Without effect
  // as report_progress(). REQUIRES: lines within the bounds of NewLogLine.
  void append_log(Lease& lease, std::size_t entry, std::span<const NewLogLine> lines, std::uint64_t dropped = 0)
      FUTURED_EXCLUDES(mu_);
  // Keeps what the function of an entry says of its progress last. Without effect if the entry does not run, or its
  // future has ended without it. REQUIRES: a message of at most kLongestProgressMessage.
  void report_progress(Lease& lease, std::size_t entry, Progress progress) FUTURED_EXCLUDES(mu_);

  // --- Cancelling.

  // The grace is that of kForce. What was cancelled or asked to stop may be told once it is stored.
  std::vector<CancelEffect> cancel(AccountIndex caller, std::span<const FutureId> ids, CancelMode mode,
                                   Duration grace = {}) FUTURED_EXCLUDES(mu_);
  // All unfinished futures of a session, or all that the caller sees.
  CancelCounts cancel_all(AccountIndex caller, std::optional<SessionId> session, CancelMode mode, Duration grace = {})
      FUTURED_EXCLUDES(mu_);
  // All unfinished futures that no store keeps for the next daemon.
  CancelCounts cancel_unkept(CancelMode mode, Duration grace = {}) FUTURED_EXCLUDES(mu_);

  // --- Waiting.

  // It watches what the account sees. kResourceExhausted when there are too many, or too many of the account.
  Result<SubscriberId> add_subscriber(std::shared_ptr<Subscriber> subscriber, AccountIndex account)
      FUTURED_EXCLUDES(mu_);
  // Drops a subscriber with its watches. A notification under way may still arrive. Call once.
  void remove_subscriber(SubscriberId id) FUTURED_EXCLUDES(mu_);
  // Watches futures; finished ones become events at once. An unknown ID: with `report_unknown` an event, else kNotFound
  // for the first of them, and nothing is watched.
  Result<void> subscribe(SubscriberId id, std::span<const WatchRequest> requests, bool report_unknown)
      FUTURED_EXCLUDES(mu_);
  // From now on unfinished futures that were subscribed to under these tokens also make events of news, with the first
  // at once if there is something to tell.
  void observe(SubscriberId id, std::span<const WatchRequest> requests, Interest interest) FUTURED_EXCLUDES(mu_);
  // What is to be told of a future. With the lines after a position, unless that is null: about `most_bytes` of them,
  // or a single one that is longer. Nothing: it is gone.
  std::optional<FutureNews> news(Handle handle, const LogPosition* after, std::size_t most_bytes) const
      FUTURED_EXCLUDES(mu_);
  // Events that wait to be drained.
  std::size_t events_waiting(SubscriberId id) const FUTURED_EXCLUDES(mu_);
  // Appends up to `most` events, with up to `most_bytes` of values and errors or a single outcome that is larger, and
  // says whether some are left. When none is left, the next event notifies again. An outcome that was drained is no
  // longer kept for the subscriber; with `hold` it is, until settle() is called.
  bool drain(SubscriberId id, std::size_t most, std::size_t most_bytes, std::vector<Event>& events, bool hold = false)
      FUTURED_EXCLUDES(mu_);
  void settle(std::span<const Handle> held) FUTURED_EXCLUDES(mu_);

  // --- Looking and forgetting.

  // In the order of the IDs; nullopt for unknown ones.
  std::vector<std::optional<FutureSnapshot>> get(AccountIndex caller, std::span<const FutureId> ids)
      FUTURED_EXCLUDES(mu_);
  // One atomic look at the states; nullopt for unknown ones.
  std::vector<std::optional<State>> states(AccountIndex caller, std::span<const FutureId> ids) FUTURED_EXCLUDES(mu_);
  // Futures in the order of submission, or the other way round, behind the one with `filter.after`.
  std::vector<FutureSnapshot> list(AccountIndex caller, const ListFilter& filter, std::size_t most)
      FUTURED_EXCLUDES(mu_);
  // Drops finished futures whose outcomes were delivered and acknowledged, but for tasks with their own retention.
  void release(std::span<const Handle> handles) FUTURED_EXCLUDES(mu_);
  std::vector<ForgetEffect> forget(AccountIndex caller, std::span<const FutureId> ids) FUTURED_EXCLUDES(mu_);
  // Why an ID is not there: gone, if it is of a session of the caller's namespace, else unknown.
  Status not_found(AccountIndex caller, FutureId id) const FUTURED_EXCLUDES(mu_);

  // Calls `when_stored` once all that has happened is as safe as the store makes it; never if the store fails.
  void call_when_stored(std::function<void()> when_stored) FUTURED_EXCLUDES(mu_);
  TableStats stats() const FUTURED_EXCLUDES(mu_);
  TableMetrics metrics() const FUTURED_EXCLUDES(mu_);

  // --- Ending.

  // create() becomes kUnavailable, and nothing more begins where a store keeps it for the next daemon. What no store
  // keeps goes on; for good, it is not attempted again. Does not undo a drain for good.
  void drain_all(Draining how = Draining::kForGood) FUTURED_EXCLUDES(mu_);
  // Ends a drain. False: it is for good.
  bool resume_all() FUTURED_EXCLUDES(mu_);
  // The processes of workers are about to be killed. From now on an attempt that loses its worker, of a future that is
  // kept for the next daemon, ends as one that the next daemon would have found running: see restore().
  void expect_lost_workers() FUTURED_EXCLUDES(mu_);
  // Blocks until nothing is lent or running, or the deadline: then false.
  bool wait_until_idle(Time deadline) FUTURED_EXCLUDES(mu_);
  // Blocks until every outcome is stored, and each that somebody waits for has been read by its subscriber, or the
  // deadline: then false. REQUIRES: drain_all() was called.
  bool wait_until_told(Time deadline) FUTURED_EXCLUDES(mu_);

 private:
  friend class TaskWatch;
  struct ExecutorEntry;
  struct Session;
  struct Effects;

  // traces
  void trace_end_locked(std::uint32_t slot, const Outcome& outcome, bool is_last, Time now, Effects& effects)
      FUTURED_REQUIRES(mu_);
  void trace_store_locked(Span::Kind kind, const Record& record, Time begin) FUTURED_REQUIRES(mu_);

  // What is done after the mutex is released.
  void apply(Effects& effects) FUTURED_EXCLUDES(mu_);
  // Tells the store what is outgoing, in the order in which it happened: one thread does it for all that come
  // meanwhile.
  void append(std::function<void()> when_durable) FUTURED_EXCLUDES(mu_);
  // The store has made a batch safe.
  void stored(const Outgoing& batch) FUTURED_EXCLUDES(mu_);

  // create
  Result<void> check_groups_locked(std::span<const TaskGroup> groups, const std::optional<Status>& refusal)
      FUTURED_REQUIRES(mu_);
  Result<void> check_takes_tasks_locked(const ExecutorEntry& entry) const FUTURED_REQUIRES(mu_);
  // Whether an account may choose new IDs in a session.
  Result<void> check_session_locked(AccountIndex account, SessionId id) const FUTURED_REQUIRES(mu_);
  Result<void> check_existing_locked(const TaskGroup& group, const NewTask& task, std::uint32_t slot) const
      FUTURED_REQUIRES(mu_);
  Result<void> check_capacity_locked(std::uint64_t tasks, std::uint64_t bytes) const FUTURED_REQUIRES(mu_);
  void create_group_locked(TaskGroup& group, SubscriberId watcher, Effects& effects) FUTURED_REQUIRES(mu_);
  void restore_locked(StoredFuture& future, Effects& effects) FUTURED_REQUIRES(mu_);
  std::uint32_t new_record_locked(const TaskGroup& group, NewTask& task, FunctionInfo* function, Lane* lane)
      FUTURED_REQUIRES(mu_);
  Session& use_session_locked(SessionId id, AccountIndex account) FUTURED_REQUIRES(mu_);
  void open_locked(Session& session) FUTURED_REQUIRES(mu_);
  void limit_locked(Session& session, std::uint64_t max_running) FUTURED_REQUIRES(mu_);
  Lane* lane_for_locked(Session& session, AccountIndex account, ExecutorIndex executor) FUTURED_REQUIRES(mu_);
  void trim_sessions_locked() FUTURED_REQUIRES(mu_);
  void watch_locked(SubscriberId watcher, std::uint32_t slot, std::uint64_t token, Effects& effects)
      FUTURED_REQUIRES(mu_);

  // leases
  std::shared_ptr<Lease> take_locked(ExecutorEntry& executor, std::size_t most, Effects& effects) FUTURED_REQUIRES(mu_);
  std::size_t choose_locked(ExecutorEntry& executor, std::span<std::uint32_t> slots) FUTURED_REQUIRES(mu_);
  bool may_take_locked(const ExecutorEntry& executor, std::uint32_t slot) const FUTURED_REQUIRES(mu_);
  bool keeps_pending_locked() const FUTURED_REQUIRES(mu_);
  bool needs_worker_locked(const ExecutorEntry& executor, bool busy_ones_suffice) const FUTURED_REQUIRES(mu_);
  void lend_locked(Lease& lease, std::size_t entry, std::uint32_t slot, Effects& effects) FUTURED_REQUIRES(mu_);
  void plan_wake_locked(ExecutorEntry& executor, bool busy_ones_suffice, Effects& effects) FUTURED_REQUIRES(mu_);
  void report_locked(Lease& lease, std::size_t entry, Effects& effects) FUTURED_REQUIRES(mu_);
  void mark_running_locked(Lease& lease, std::size_t entry, Effects& effects) FUTURED_REQUIRES(mu_);
  void take_back_locked(Lease& lease, std::size_t entry, Effects& effects) FUTURED_REQUIRES(mu_);
  void take_back_from_locked(Lease& lease, std::size_t first, Effects& effects) FUTURED_REQUIRES(mu_);
  void close_locked(Lease& lease, Effects& effects) FUTURED_REQUIRES(mu_);
  void call_in_locked(Lease& lease, Time now, Effects& effects) FUTURED_REQUIRES(mu_);
  void see_begun_locked(Lease& lease, Time now, Effects& effects) FUTURED_REQUIRES(mu_);
  void stopped_running_locked(const LeaseEntry& entry) FUTURED_REQUIRES(mu_);
  void report_all_locked(Lease& lease, Effects& effects) FUTURED_REQUIRES(mu_);
  Record* record_of_locked(const Lease& lease, std::size_t entry) FUTURED_REQUIRES(mu_);
  void sample_locked(const Lease& lease, std::size_t entry, AccountIndex owner) FUTURED_REQUIRES(mu_);

  // starts
  bool is_suspect_locked(const Record& record) const FUTURED_REQUIRES(mu_);
  bool needs_start_record_locked(const Record& record) const FUTURED_REQUIRES(mu_);
  void store_starts_locked(ExecutorEntry& executor, std::span<const std::uint32_t> slots) FUTURED_REQUIRES(mu_);
  void starts_stored(ExecutorIndex executor, const std::vector<Handle>& batch) FUTURED_EXCLUDES(mu_);
  std::size_t choose_started_locked(ExecutorEntry& executor, std::span<std::uint32_t> slots) FUTURED_REQUIRES(mu_);
  std::uint32_t next_slot_locked(const ExecutorEntry& executor) const FUTURED_REQUIRES(mu_);
  void call_off_starts_locked(std::span<const Handle> batch) FUTURED_REQUIRES(mu_);
  void call_off_all_starts_locked(ExecutorEntry& executor) FUTURED_REQUIRES(mu_);
  void stop_starting_locked(Record& record) FUTURED_REQUIRES(mu_);

  // attempts
  void queue_locked(std::uint32_t slot) FUTURED_REQUIRES(mu_);
  void schedule_locked(std::uint32_t slot, std::optional<Time> due, Time now) FUTURED_REQUIRES(mu_);
  void wait_locked(std::uint32_t slot, Time until) FUTURED_REQUIRES(mu_);
  void stop_waiting_locked(std::uint32_t slot) FUTURED_REQUIRES(mu_);
  void begin_due_locked(Time now, Effects& effects) FUTURED_REQUIRES(mu_);
  // An attempt has ended: so has the future, or there will be another attempt.
  void end_attempt_locked(std::uint32_t slot, Outcome outcome, Time now, Effects& effects) FUTURED_REQUIRES(mu_);
  std::optional<Time> next_due_locked(const Record& record, const Outcome& outcome, Time now) const
      FUTURED_REQUIRES(mu_);
  void retry_locked(std::uint32_t slot, Outcome outcome, Time due, Time now, Effects& effects) FUTURED_REQUIRES(mu_);
  bool stop_attempt_locked(std::uint32_t slot, Effects& effects) FUTURED_REQUIRES(mu_);

  // states
  void complete_locked(std::uint32_t slot, Outcome outcome, Time now, Effects& effects) FUTURED_REQUIRES(mu_);
  void withdraw_locked(std::uint32_t slot) FUTURED_REQUIRES(mu_);
  void publish_locked(std::uint32_t slot, Time now, Effects& effects) FUTURED_REQUIRES(mu_);
  CancelEffect cancel_locked(std::uint32_t slot, CancelMode mode, Duration grace, Effects& effects)
      FUTURED_REQUIRES(mu_);
  // All unfinished futures that are `chosen`, which is called with the mutex held.
  CancelCounts cancel_chosen(const std::function<bool(const Record&)>& chosen, CancelMode mode, Duration grace)
      FUTURED_EXCLUDES(mu_);
  // It has finished, and everybody may know.
  void uncount_unfinished_locked(const Record& record) FUTURED_REQUIRES(mu_);
  void forget_locked(std::uint32_t slot) FUTURED_REQUIRES(mu_);
  Record* find_locked(Handle handle) FUTURED_REQUIRES(mu_);
  const Record* find_locked(Handle handle) const FUTURED_REQUIRES(mu_);
  // An event with the future's outcome was read or dropped.
  void paid_locked(std::uint32_t slot, Time now, Effects& effects) FUTURED_REQUIRES(mu_);
  // A final future is to be kept from now on.
  void keep_locked(std::uint32_t slot, Time now, Effects& effects) FUTURED_REQUIRES(mu_);
  // A store keeps it for the next daemon.
  bool is_stored_locked(const Record& record) const FUTURED_REQUIRES(mu_);
  // Notes a change for the store. False: that is not told of this future.
  bool note_locked(Record& record, State to, Time at, Outcome outcome) FUTURED_REQUIRES(mu_);
  void note_submitted_locked(Record& record) FUTURED_REQUIRES(mu_);
  // A cancel asks it to stop: there is no further attempt, whatever becomes of the daemon.
  void note_stop_requested_locked(Record& record) FUTURED_REQUIRES(mu_);
  // One that the store knows as running has not begun after all.
  void note_not_begun_locked(Record& record) FUTURED_REQUIRES(mu_);
  bool note_finished_locked(std::uint32_t slot) FUTURED_REQUIRES(mu_);
  void note_forgotten_locked(Record& record) FUTURED_REQUIRES(mu_);
  // The place of a future that the caller sees, or kNone.
  std::uint32_t find_locked(AccountIndex caller, FutureId id) FUTURED_REQUIRES(mu_);
  Status not_found_locked(AccountIndex caller, FutureId id) const FUTURED_REQUIRES(mu_);
  FutureSnapshot snapshot_locked(std::uint32_t slot) const FUTURED_REQUIRES(mu_);
  TableStats stats_locked() const FUTURED_REQUIRES(mu_);

  // time
  void tick() FUTURED_EXCLUDES(mu_);
  void need_tick_locked(Time when, Effects& effects) FUTURED_REQUIRES(mu_);
  // For what comes next of all that waits for a time, but for leases.
  void need_ticks_locked(Effects& effects) FUTURED_REQUIRES(mu_);
  void expire_locked(Time now, Effects& effects) FUTURED_REQUIRES(mu_);
  void time_out_locked(Time now, Effects& effects) FUTURED_REQUIRES(mu_);
  void fail_expired_locked(Time now, Effects& effects) FUTURED_REQUIRES(mu_);

  // Constant after construction.
  const Clock& clock_;
  Timekeeper& timekeeper_;
  Store& store_;
  const Limits limits_;
  const bool wants_transitions_;
  const bool keeps_futures_;
  SpanSink* const spans_;

  mutable Mutex mu_;
  CondVar idle_;
  Records records_ FUTURED_GUARDED_BY(mu_);
  IdIndex index_ FUTURED_GUARDED_BY(mu_);
  FunctionNames functions_ FUTURED_GUARDED_BY(mu_);
  Accounts accounts_ FUTURED_GUARDED_BY(mu_);
  WatchList watches_ FUTURED_GUARDED_BY(mu_);
  Retention retention_ FUTURED_GUARDED_BY(mu_);
  std::vector<std::unique_ptr<ExecutorEntry>> executors_ FUTURED_GUARDED_BY(mu_);
  std::unordered_map<SessionId, std::unique_ptr<Session>, SessionIdHash> sessions_ FUTURED_GUARDED_BY(mu_);
  // Those that are not open, the one that was used longest ago first; above a limit it is dropped.
  std::list<SessionId> closed_sessions_ FUTURED_GUARDED_BY(mu_);
  // Ends of attempts with a timeout.
  std::set<std::pair<Time, std::uint32_t>> timeouts_ FUTURED_GUARDED_BY(mu_);
  // Unfinished futures by the time when they fail; pending ones by the time until which they wait.
  std::set<std::pair<Time, std::uint32_t>> expiries_ FUTURED_GUARDED_BY(mu_);
  std::set<std::pair<Time, std::uint32_t>> waiting_ FUTURED_GUARDED_BY(mu_);
  // What the functions of running futures said last, by slot. Most say nothing.
  ProgressBySlot progress_ FUTURED_GUARDED_BY(mu_);
  TaskLogs logs_ FUTURED_GUARDED_BY(mu_);
  // Leases that workers hold, the newest first.
  Lease* open_leases_ FUTURED_GUARDED_BY(mu_) = nullptr;
  // Leases that were given back and of which coroutines go on, the oldest first.
  std::list<std::shared_ptr<Lease>> suspended_ FUTURED_GUARDED_BY(mu_);
  std::vector<TaskWatch*> task_watches_ FUTURED_GUARDED_BY(mu_);
  // Ticks that the timekeeper has been asked for.
  std::set<Time> ticks_ FUTURED_GUARDED_BY(mu_);
  // A lease was taken since the last tick.
  bool leased_since_tick_ FUTURED_GUARDED_BY(mu_) = false;
  bool lease_tick_needed_ FUTURED_GUARDED_BY(mu_) = false;
  Draining draining_ FUTURED_GUARDED_BY(mu_) = Draining::kNo;
  bool expects_lost_workers_ FUTURED_GUARDED_BY(mu_) = false;
  // Futures that have ended, and nobody may know yet.
  std::uint64_t unpublished_ FUTURED_GUARDED_BY(mu_) = 0;
  Outgoing outgoing_ FUTURED_GUARDED_BY(mu_);
  // A thread is in append(), and will see what is added to `outgoing_`.
  bool appending_ FUTURED_GUARDED_BY(mu_) = false;
  std::uint64_t next_sequence_ FUTURED_GUARDED_BY(mu_) = 1;
  std::uint64_t next_place_ FUTURED_GUARDED_BY(mu_) = 1;
  // Futures up to this sequence have survived an end that was not in order.
  std::uint64_t suspects_through_ FUTURED_GUARDED_BY(mu_) = 0;
  Tracing tracing_ FUTURED_GUARDED_BY(mu_);
  TableStats stats_ FUTURED_GUARDED_BY(mu_);
};

}  // namespace futured::core
