#include "server/core/task_watch.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "server/core/future_table_state.h"

namespace futured::core {
namespace {

// Entries that are looked at, and found to run, under the lock.
constexpr std::size_t kMostLookedAt = 16'384;
constexpr std::size_t kMostFound = 2000;

std::size_t workers_of(const FutureTable& table) {
  std::size_t workers = 0;
  for (const ExecutorSnapshot& executor : table.executors()) workers += executor.description->max_workers;
  return workers;
}

// An entry that runs.
struct Running {
  const Lease* lease;
  std::size_t entry;
  Time begun_at;
};

// Adds those of a lease; takes what it looked at from `left`. REQUIRES: the table's lock.
void add_running(const Lease& lease, std::size_t& left, std::vector<Running>& running) {
  std::optional<Running> inside;
  for (std::size_t i = 0; i < lease.size() && left > 0 && running.size() < kMostFound; ++i, --left) {
    const std::optional<Time> begun_at = lease.begun_at(i);
    if (!begun_at) continue;
    if (lease[i].is_coroutine) {
      running.push_back({&lease, i, *begun_at});
    } else {
      // A worker is in one function at a time; the ends of those before have not been heard yet.
      inside = Running{&lease, i, *begun_at};
    }
  }
  if (inside) running.push_back(*inside);
}

}  // namespace

TaskWatch::TaskWatch(FutureTable& table, AccountIndex account)
    : table_(table), account_(account), workers_(workers_of(table)), samples_(workers_) {
  MutexLock lock(table_.mu_);
  table_.task_watches_.push_back(this);
}

TaskWatch::~TaskWatch() {
  MutexLock lock(table_.mu_);
  std::erase(table_.task_watches_, this);
}

TasksSeen TaskWatch::look(std::size_t most) {
  TasksSeen seen;
  TaskSamples samples(workers_);
  {
    MutexLock lock(table_.mu_);
    std::swap(samples, samples_);
    seen.now = table_.clock_.now();
    std::size_t left = kMostLookedAt;
    std::vector<Running> running;
    // Suspended coroutines first, as those have gone on for longest.
    for (const auto& lease : table_.suspended_) add_running(*lease, left, running);
    for (const Lease* lease = table_.open_leases_; lease != nullptr; lease = lease->next_) {
      add_running(*lease, left, running);
    }
    for (const Running& each : running) {
      const Lease& lease = *each.lease;
      const Record* record = table_.record_of_locked(lease, each.entry);
      if (record == nullptr || !table_.accounts_.sees(account_, record->account)) continue;
      seen.running.push_back({record->id, record->function->name, lease.executor_, lease.worker_of(each.entry),
                              each.begun_at, std::nullopt, State::kRunning});
    }
  }
  seen.count = samples.seen();
  seen.ended = samples.take(most);
  std::ranges::sort(seen.running, {}, &TaskSample::started);
  if (seen.running.size() > most) seen.running.resize(most);
  return seen;
}

// --- The table's side.

// An attempt is about to end.
void FutureTable::sample_locked(const Lease& lease, std::size_t i, AccountIndex owner) {
  for (TaskWatch* watch : task_watches_) {
    if (!accounts_.sees(watch->account_, owner)) continue;
    TaskSample* sample = watch->samples_.add(lease.executor_, lease.worker_of(i));
    if (sample == nullptr) continue;
    const LeaseEntry& entry = lease[i];
    *sample = {entry.id,      entry.function->name, lease.executor_,    lease.worker_of(i),
               entry.started, entry.finished,       entry.outcome.state};
  }
}

}  // namespace futured::core
