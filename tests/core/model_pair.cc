#include "tests/core/model_pair.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace futured::core {

using namespace std::chrono_literals;

namespace {

constexpr SessionId kSessions[] = {{0x8000, 0x8000}, {0x8000, 0x8001}, {0x18000, 0x8000}};
constexpr std::uint64_t kCountersPerSession = 120;
// After the daemon's; two of them in one namespace.
const AccountSettings kAccounts[] = {{"ann", "red"}, {"ben", "red"}, {"cid", "blue"}};
const ScriptedExecutor::Options kExecutors[] = {{"first", 3, 6}, {"second", 2, 3}};

// Each a new object, as policies are the same when they are equal.
std::shared_ptr<const TaskPolicy> policy_of_kind(std::uint64_t kind) {
  TaskPolicy policy{.retry_delay = 2ms};
  if (kind == 3) policy = {.priority = 3, .expires = 6ms, .max_attempts = 4, .retry_delay = 500us};
  if (kind == 4) policy = {.priority = 1, .max_attempts = 3, .retry_delay = 0ms, .labels = {{"key", "value"}}};
  if (kind == 5) policy = {.priority = -1, .expires = 12ms, .delay = 3ms, .retry_on = {"timeout"}};
  if (kind == 6) policy = {.priority = -1, .max_attempts = 2, .retry_delay = 1ms, .max_retry_delay = 1ms};
  return kind < 3 ? nullptr : std::make_shared<const TaskPolicy>(std::move(policy));
}

}  // namespace

ModelPair::ModelPair(std::uint64_t seed, Store& store)
    : random_(seed),
      timekeeper_(
          time_,
          [this] {
            ++ticking_;
            happened_.push_back(Happening::kTick);
          },
          [this] {
            // In the middle of an operation the model has yet to do that.
            if (--ticking_ == 0 && !operating_) replay();
          }),
      store_(store, [this] { happened_.push_back(Happening::kStored); }),
      table_({time_, timekeeper_, store_}, limits_),
      model_(limits_, {kExecutors[0].max_coroutines, kExecutors[1].max_coroutines}, store.wants_transitions()) {
  for (const auto& options : kExecutors) {
    executors_.push_back(std::make_unique<ScriptedExecutor>(table_, time_, options));
  }
  for (const AccountSettings& settings : kAccounts) model_.set_account(table_.add_account(settings), settings);
}

void ModelPair::step() {
  const std::pair<int, void (ModelPair::*)()> operations[] = {
      {20, &ModelPair::submit},        {25, &ModelPair::come},
      {25, &ModelPair::begin_or_end},  {20, &ModelPair::exchange},
      {8, &ModelPair::end_later},      {8, &ModelPair::cancel},
      {1, &ModelPair::cancel_all},     {2, &ModelPair::change_subscribers},
      {8, &ModelPair::subscribe},      {10, &ModelPair::drain},
      {6, &ModelPair::release},        {4, &ModelPair::forget},
      {15, &ModelPair::pass_time},     {1, &ModelPair::pass_long_time},
      {2, &ModelPair::change_state},   {2, &ModelPair::change_cap},
      {2, &ModelPair::change_account},
  };
  int total = 0;
  for (const auto& [weight, operation] : operations) total += weight;
  int drawn = static_cast<int>(below(static_cast<std::uint64_t>(total)));
  for (const auto& [weight, operation] : operations) {
    if ((drawn -= weight) < 0) return (this->*operation)();
  }
}

void ModelPair::finish() {
  for (const auto& executor : executors_) {
    set_state(*executor, ExecutorState::kActive);
  }
  for (int rounds = 0; table_.stats().unfinished > 0; ++rounds) {
    ASSERT_LT(rounds, 100'000) << "it does not come to an end";
    come();
    exchange();
    end_later();
    pass_time();
  }
  while (!subscribers_.empty()) remove_subscriber(0);
  while (!held_.empty()) exchange();
  while (!coroutines_.empty()) end_later();
  move_time(1s);
  check();
  const TableStats stats = table_.stats();
  EXPECT_EQ(stats.retained + stats.owed + stats.running + stats.watches + stats.subscribers, 0U);
  EXPECT_EQ(stats.retained_bytes + stats.unfinished_bytes, 0U);
  EXPECT_EQ(time_.scheduled(), 0U);
}

FutureId ModelPair::any_id() { return make_future_id(kSessions[below(3)], 1 + below(kCountersPerSession)); }

AccountIndex ModelPair::usual_account(SessionId session) const {
  return session == kSessions[0] ? 1 : session == kSessions[1] ? 3 : kDaemonAccount;
}

AccountIndex ModelPair::any_account() {
  return one_in(2) ? kDaemonAccount : static_cast<AccountIndex>(below(std::size(kAccounts) + 1));
}

TaskGroup ModelPair::options_of(FutureId id) const {
  static constexpr const char* kFunctions[] = {"plain", "plain", "other", "coroutine", "made.up"};
  const std::uint64_t kind = id.low % kKinds;
  TaskGroup options;
  options.function = kFunctions[kind % 5];
  options.executor = executors_[kind % 2]->index();
  if (kind == 2 || kind == 3) options.options.timeout = std::chrono::microseconds(700 * (kind - 2));
  if (kind == 6) options.options.timeout = 4ms;
  if (kind == 1 || kind == 7) options.options.retention = std::chrono::milliseconds(8 * (kind - 1));
  options.options.policy = policy_of_kind(kind);
  return options;
}

Outcome ModelPair::any_outcome() {
  if (one_in(10)) return Outcome::cancelled();
  if (one_in(5)) return Outcome::failed({Origin::kTask, "E", std::string(below(90), 'e'), "", nullptr, 1, ""});
  return Outcome::succeeded(Bytes(std::string(below(90), 'v')));
}

void ModelPair::replay() {
  for (const Happening happening : std::exchange(happened_, {})) {
    happening == Happening::kTick ? model_.tick(time_.now()) : model_.settle(time_.now());
  }
}

void ModelPair::submit() {
  const FutureId first = any_id();
  TaskGroup group = options_of(first);
  if (one_in(30)) group.function = "another";
  if (one_in(60)) group.options.retention = 1ms;
  group.account = one_in(8) ? any_account() : usual_account(first.session());
  std::set<FutureId> ids{first};
  for (std::uint64_t more = below(8); more > 0; --more) {
    const FutureId id = any_id();
    if (id.session() != first.session() && !one_in(10)) continue;
    if (id.low % kKinds == first.low % kKinds) ids.insert(id);
  }
  std::vector<NewTask> tasks;
  std::vector<ModelFutureTable::NewTask> model_tasks;
  for (const FutureId id : ids) {
    const std::string arguments = one_in(60) ? "different" : arguments_of(id);
    tasks.push_back({id, Bytes(arguments), ++last_token_});
    model_tasks.push_back({id, arguments, last_token_});
  }
  group.tasks = tasks;
  const SubscriberId watcher = subscribers_.empty() || one_in(2) ? kNoSubscriber : any(subscribers_)->id();
  int acknowledged = 0;
  const auto created = on_table([&] { return table_.create({&group, 1}, watcher, [&] { ++acknowledged; }); });
  const auto refusal = model_.create(group, model_tasks, watcher, time_.now());
  replay();
  ASSERT_EQ(created.has_value(), !refusal.has_value());
  ASSERT_EQ(acknowledged, refusal ? 0 : 1);
  if (refusal) {
    ASSERT_EQ(created.error().reason, *refusal);
  }
}

void ModelPair::come() {
  ScriptedExecutor& executor = any_executor();
  if (executor.woken() > 0) take(executor, on_table([&] { return executor.come(); }));
}

void ModelPair::take(ScriptedExecutor& executor, const std::shared_ptr<Lease>& lease) {
  if (lease == nullptr) {
    ASSERT_FALSE(model_.front(executor.index())) << "a worker was sent away from work";
  } else {
    ASSERT_EQ(model_.lend(executor.index(), lease, time_.now()), "");
    held_.push_back({&executor, lease});
  }
  replay();
}

bool ModelPair::begin(const Held& held, std::size_t entry) {
  const bool begun = held.executor->begin(*held.lease, entry);
  EXPECT_EQ(begun, model_.begin(*held.lease, entry, time_.now()));
  return begun;
}

void ModelPair::end(ScriptedExecutor& executor, Lease& lease, std::size_t entry) {
  const Outcome outcome = any_outcome();
  executor.end(lease, entry, outcome);
  model_.end(lease, entry, time_.now(), outcome);
}

void ModelPair::begin_or_end() {
  if (held_.empty()) return;
  const Held& held = any(held_);
  const std::size_t entry = below(held.lease->size());
  const auto phase = (*held.lease)[entry].phase.load();
  if (phase == LeaseEntry::Phase::kLent || phase == LeaseEntry::Phase::kRevoked) {
    begin(held, entry);
  } else if (phase == LeaseEntry::Phase::kBegun) {
    end(*held.executor, *held.lease, entry);
  }
}

void ModelPair::exchange() {
  if (held_.empty()) return;
  std::swap(any(held_), held_.back());
  const Held held = held_.back();
  held_.pop_back();
  for (std::size_t i = 0; i < held.lease->size(); ++i) {
    const LeaseEntry& entry = (*held.lease)[i];
    if (entry.phase == LeaseEntry::Phase::kLent) begin(held, i);
    if (entry.phase != LeaseEntry::Phase::kBegun) continue;
    if (entry.is_coroutine && !one_in(4)) {
      coroutines_.push_back({held.executor, held.lease, i});
    } else {
      if (one_in(8)) move_time(std::chrono::microseconds(below(300)));
      end(*held.executor, *held.lease, i);
    }
  }
  const auto next = on_table([&] { return held.executor->exchange(held.lease); });
  model_.exchange(*held.lease);
  take(*held.executor, next);
}

void ModelPair::end_later() {
  if (coroutines_.empty()) return;
  std::swap(any(coroutines_), coroutines_.back());
  const Coroutine coroutine = coroutines_.back();
  coroutines_.pop_back();
  end(*coroutine.executor, *coroutine.lease, coroutine.entry);
  on_table([&] { return table_.finish(*coroutine.lease, coroutine.entry), 0; });
  model_.finish(*coroutine.lease, coroutine.entry);
  replay();
}

void ModelPair::cancel() {
  std::vector<FutureId> ids;
  for (std::uint64_t more = 1 + below(4); more > 0; --more) ids.push_back(any_id());
  const CancelMode mode = one_in(2) ? CancelMode::kPending : CancelMode::kCooperative;
  const AccountIndex caller = any_account();
  const auto effects = on_table([&] { return table_.cancel(caller, ids, mode); });
  ASSERT_EQ(effects, model_.cancel(caller, ids, mode, time_.now()));
  replay();
}

void ModelPair::cancel_all() {
  const std::optional<SessionId> session = one_in(3) ? std::nullopt : std::optional(kSessions[below(3)]);
  const CancelMode mode = one_in(2) ? CancelMode::kPending : CancelMode::kCooperative;
  const AccountIndex caller = any_account();
  const auto counts = on_table([&] { return table_.cancel_all(caller, session, mode); });
  const auto expected = model_.cancel_all(caller, session, mode, time_.now());
  replay();
  ASSERT_EQ(counts.cancelled, expected.cancelled);
  ASSERT_EQ(counts.stop_requested, expected.stop_requested);
}

void ModelPair::change_subscribers() {
  if (subscribers_.size() < 4) {
    const AccountIndex account = any_account();
    subscribers_.push_back(RecordingSubscriber::add(table_, account));
    model_.add_subscriber(subscribers_.back()->id(), account);
  } else {
    remove_subscriber(below(subscribers_.size()));
  }
}

void ModelPair::remove_subscriber(std::size_t i) {
  const SubscriberId id = subscribers_[i]->id();
  on_table([&] { return table_.remove_subscriber(id), 0; });
  model_.remove_subscriber(id, time_.now());
  replay();
  subscribers_.erase(subscribers_.begin() + static_cast<std::ptrdiff_t>(i));
}

void ModelPair::subscribe() {
  if (subscribers_.empty()) return;
  const SubscriberId id = any(subscribers_)->id();
  std::vector<WatchRequest> requests;
  for (std::uint64_t more = 1 + below(4); more > 0; --more) requests.push_back({any_id(), ++last_token_});
  const bool report_unknown = one_in(2);
  const auto watched = on_table([&] { return table_.subscribe(id, requests, report_unknown); });
  ASSERT_EQ(watched.has_value(), model_.subscribe(id, requests, report_unknown, time_.now()));
  replay();
}

void ModelPair::drain() {
  if (subscribers_.empty()) return;
  const SubscriberId id = any(subscribers_)->id();
  const std::size_t most = 1 + below(20);
  const std::size_t most_bytes = one_in(2) ? SIZE_MAX : below(300);
  std::vector<Event> events;
  const bool left = on_table([&] { return table_.drain(id, most, most_bytes, events); });
  bool model_left = false;
  const auto expected = model_.drain(id, most, most_bytes, time_.now(), model_left);
  replay();
  ASSERT_EQ(left, model_left);
  ASSERT_EQ(events.size(), expected.size());
  for (std::size_t i = 0; i < events.size(); ++i) {
    ASSERT_EQ(events[i].token, expected[i].token);
    ASSERT_EQ(events[i].kind, expected[i].kind);
    expect_same(events[i].outcome, expected[i].outcome);
    released_.push_back({events[i].handle, expected[i].id, expected[i].instance});
  }
}

void ModelPair::release() {
  if (released_.empty()) return;
  const Released released = any(released_);
  on_table([&] { return table_.release({&released.handle, 1}), 0; });
  model_.release(released.id, released.instance);
  replay();
  if (released_.size() > 200) released_.erase(released_.begin(), released_.begin() + 100);
}

void ModelPair::forget() {
  const FutureId id = any_id();
  const AccountIndex caller = any_account();
  const auto effects = on_table([&] { return table_.forget(caller, {&id, 1}); });
  ASSERT_EQ(effects.front(), model_.forget(caller, id));
  replay();
}

void ModelPair::pass_long_time() {
  move_time(5ms + std::chrono::nanoseconds(below(10'000'000)));
  for (std::size_t i = 0; i < executors_.size(); ++i) {
    if (!model_.front(executors_[i]->index()) || held_by(*executors_[i]) >= executors_[i]->describe().max_workers)
      continue;
    ASSERT_GT(executors_[i]->woken(), 0U) << "nobody comes for " << to_string(*model_.front(executors_[i]->index()));
  }
}

void ModelPair::change_state() {
  static constexpr ExecutorState kStates[] = {ExecutorState::kActive, ExecutorState::kActive, ExecutorState::kPaused,
                                              ExecutorState::kDraining};
  set_state(any_executor(), kStates[below(4)]);
}

void ModelPair::set_state(const ScriptedExecutor& executor, ExecutorState state) {
  on_table([&] { return table_.set_executor_state(executor.index(), state), 0; });
  model_.set_executor_state(executor.index(), state);
  replay();
}

void ModelPair::change_cap() {
  static constexpr std::uint64_t kCaps[] = {0, 1, 2, 4};
  const SessionId session = kSessions[below(3)];
  const std::uint64_t cap = kCaps[below(4)];
  const AccountIndex account = one_in(4) ? any_account() : usual_account(session);
  const auto opened = on_table([&] { return table_.open_session(session, cap, account); });
  ASSERT_EQ(opened.has_value(), model_.open_session(session, cap, account));
  replay();
}

void ModelPair::change_account() {
  static constexpr AccountLimits kLimits[] = {
      {}, {.max_running = 1}, {.max_pending = 40, .max_running = 2}, {.max_pending_bytes = 500, .max_running = 3}};
  AccountSettings settings = kAccounts[below(std::size(kAccounts))];
  settings.limits = kLimits[below(std::size(kLimits))];
  const AccountIndex account = on_table([&] { return table_.add_account(settings); });
  model_.set_account(account, settings);
  replay();
}

}  // namespace futured::core
