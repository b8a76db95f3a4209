#include "server/store/writer.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "server/core/crash_point.h"

namespace futured::store {
namespace {

using Steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

// Of one transaction, so that acknowledgements don't wait for too much, and the log stays within its limit.
constexpr std::size_t kTransitionsAtOnce = 16384;
constexpr std::size_t kBytesAtOnce = 16 << 20;

constexpr auto kIdleAfter = std::chrono::seconds(1);
constexpr auto kDiskInterval = std::chrono::seconds(1);
constexpr auto kWarnInterval = std::chrono::seconds(10);
constexpr milliseconds kFirstRetry{10};
constexpr milliseconds kLastRetry{1000};
constexpr int kRetriesOnClose = 3;
constexpr auto kAfterFailure = std::chrono::seconds(1);

// A failed sync is never one: what became of the data is unknown then.
bool is_full(const SqliteError& error) {
  if (error.code == SQLITE_IOERR_FSYNC || error.code == SQLITE_IOERR_DIR_FSYNC) return false;
  return error.primary_code() == SQLITE_FULL || error.system_error == ENOSPC || error.system_error == EDQUOT;
}

bool is_locked(const SqliteError& error) {
  return error.primary_code() == SQLITE_BUSY || error.primary_code() == SQLITE_LOCKED;
}

bool submits(const std::vector<core::Transition>& transitions) {
  return std::ranges::any_of(transitions, [](const auto& one) { return one.task != nullptr; });
}

// Of what was submitted before, how it goes on.
bool goes_on(const std::vector<core::Transition>& transitions) {
  return std::ranges::any_of(transitions, [](const auto& one) { return one.task == nullptr && !one.forgotten; });
}

std::size_t payload(const core::Transition& transition) {
  return transition.outcome.size() + (transition.task == nullptr ? 0 : transition.task->arguments.size());
}

}  // namespace

SqliteResult<std::unique_ptr<Writer>> Writer::start(std::unique_ptr<Connection> database, Settings settings,
                                                    DiskSpace space, const core::Clock& clock, Callbacks callbacks) {
  auto recorder = Recorder::open(*database);
  if (!recorder) return tl::unexpected(recorder.error());
  std::unique_ptr<Writer> writer(new Writer(std::move(database), *std::move(recorder), std::move(settings),
                                            std::move(space), clock, std::move(callbacks)));
  auto refusal = writer->space_.refusal();
  if (refusal) writer->callbacks_.warn(refusal->message);
  writer->set_refusal(std::move(refusal));
  writer->thread_ = std::thread([self = writer.get()] { self->run(); });
  return writer;
}

Writer::Writer(std::unique_ptr<Connection> database, Recorder recorder, Settings settings, DiskSpace space,
               const core::Clock& clock, Callbacks callbacks)
    : database_(std::move(database)),
      settings_(std::move(settings)),
      clock_(clock),
      callbacks_(std::move(callbacks)),
      recorder_(std::move(recorder)),
      log_(*database_, settings_.log_limit, callbacks_.warn),
      space_(std::move(space)),
      disk_seen_(Steady::now()) {}

Writer::~Writer() { close(); }

void Writer::append(std::vector<core::Transition> transitions, std::function<void()> when_durable) {
  std::function<void()> at_once;
  {
    core::MutexLock lock(mu_);
    if (failed_ || closing_) return;
    if (transitions.empty() && idle_ && queue_.empty()) {
      at_once = std::move(when_durable);
    } else {
      const bool ends_gathering = gathering_ && goes_on(transitions);
      const bool wakes = ends_gathering || (idle_ && queue_.empty());
      if (ends_gathering) gathering_ = false;
      queue_.push_back({std::move(transitions), std::move(when_durable)});
      if (!wakes) return;
    }
  }
  at_once ? at_once() : changed_.notify_one();
}

std::optional<core::Status> Writer::refusal() const {
  if (!refuses_.load(std::memory_order_relaxed)) return std::nullopt;
  core::MutexLock lock(refusal_mu_);
  return refusal_;
}

core::StoreStats Writer::stats() const {
  core::MutexLock lock(stats_mu_);
  core::StoreStats stats = stats_;
  stats.log_bytes = log_.log_bytes();
  return stats;
}

void Writer::close() {
  {
    core::MutexLock lock(mu_);
    closing_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Writer::run() {
  for (;;) {
    auto work = next_work();
    if (work.empty()) break;
    if (!write(work)) return;
  }
  end_in_order();
}

std::vector<Writer::Append> Writer::next_work() {
  auto idle_since = Steady::now();
  for (;;) {
    std::optional<SteadyTime> until;
    if (log_.idle_work()) until = idle_since + kIdleAfter;
    if (refuses_.load()) until = disk_seen_ + kDiskInterval;
    if (more_idle_work_) until = Steady::now();
    if (auto work = wait_for_work(until)) return *std::move(work);
    if (refuses_.load()) look_at_disk();
    if (log_.idle_work() || more_idle_work_) {
      if (!do_idle_work()) return {};
      idle_since = Steady::now();
    }
  }
}

std::optional<std::vector<Writer::Append>> Writer::wait_for_work(std::optional<SteadyTime> until) {
  std::vector<Append> work;
  core::MutexLock lock(mu_);
  idle_ = true;
  while (queue_.empty() && !closing_) {
    if (until && Steady::now() >= *until) return std::nullopt;
    until ? changed_.wait_until(mu_, *until) : changed_.wait(mu_);
  }
  idle_ = false;
  gather();
  work.swap(queue_);
  return work;
}

void Writer::gather() {
  bool has_submissions = false;
  for (const Append& one : queue_) {
    if (goes_on(one.transitions)) return;
    has_submissions = has_submissions || submits(one.transitions);
  }
  if (!has_submissions) return;
  const auto until = Steady::now() + settings_.gather_for;
  gathering_ = true;
  while (gathering_ && !closing_ && Steady::now() < until) changed_.wait_until(mu_, until);
  gathering_ = false;
}

bool Writer::write(std::vector<Append>& work) {
  if (Steady::now() - disk_seen_ >= kDiskInterval) look_at_disk();
  for (auto first = work.begin(); first != work.end();) {
    auto end = first;
    std::size_t transitions = 0;
    std::size_t bytes = 0;
    while (end != work.end() && transitions < kTransitionsAtOnce && bytes < kBytesAtOnce) {
      transitions += end->transitions.size();
      for (const auto& transition : end->transitions) bytes += payload(transition);
      ++end;
    }
    if (!commit(&*first, &*first + (end - first))) return false;
    core::crash_point("store.before_acknowledgement");
    for (; first != end; ++first) {
      first->when_durable();
      *first = {};
    }
    core::crash_point("store.after_acknowledgement");
    const auto kept = log_.after_commit();
    if (!kept && !survives(kept.error())) return false;
  }
  return true;
}

bool Writer::commit(const Append* first, const Append* end) {
  Batch batch;
  for (const Append* append = first; append != end; ++append) batch.add(append->transitions);
  batch.fold();
  if (batch.empty() && !batch.forgets()) return true;
  int retries_on_close = 0;
  for (auto delay = kFirstRetry;; delay = std::min(2 * delay, kLastRetry)) {
    const auto began = Steady::now();
    const auto written = recorder_.write(batch, WallTimes(clock_));
    if (written) {
      committed(batch.changes().size(), began);
      space_.wrote();
      return true;
    }
    if (!survives(written.error())) return false;
    {
      core::MutexLock lock(mu_);
      if (closing_) ++retries_on_close;
    }
    if (retries_on_close > kRetriesOnClose) {
      fail("closed while it could not write: " + written.error().message);
      return false;
    }
    {
      core::MutexLock lock(stats_mu_);
      ++stats_.retries;
    }
    wait_before_retry(delay);
  }
}

void Writer::committed(std::size_t changes, SteadyTime began) {
  const std::chrono::nanoseconds taken = Steady::now() - began;
  core::MutexLock lock(stats_mu_);
  stats_.changes.add(changes);
  stats_.durations.add(static_cast<std::uint64_t>(taken.count()));
}

bool Writer::do_idle_work() {
  const auto more = log_.when_idle();
  more_idle_work_ = more && *more;
  return more || survives(more.error());
}

void Writer::end_in_order() {
  {
    core::MutexLock lock(mu_);
    if (failed_) return;
  }
  auto done = database_->execute("UPDATE meta SET clean = 1");
  if (done) {
    core::crash_point("store.marked_clean");
    done = log_.at_end();
  }
  if (!done) callbacks_.warn("could not close the database in order, what was stored is safe: " + done.error().message);
}

bool Writer::survives(const SqliteError& error) {
  if (is_full(error)) {
    space_.give_up_ballast();
    look_at_disk();
    return true;
  }
  if (is_locked(error)) {
    if (Steady::now() - warned_ >= kWarnInterval) {
      warned_ = Steady::now();
      callbacks_.warn("another program has locked the database in " + settings_.directory.string());
    }
    return true;
  }
  fail(error.message);
  return false;
}

void Writer::wait_before_retry(milliseconds delay) {
  const auto until = Steady::now() + delay;
  {
    core::MutexLock lock(mu_);
    while (Steady::now() < until) changed_.wait_until(mu_, until);
  }
  if (Steady::now() - disk_seen_ >= kDiskInterval) look_at_disk();
}

void Writer::look_at_disk() {
  disk_seen_ = Steady::now();
  space_.check();
  auto refusal = space_.refusal();
  if (refusal && !refuses_.load()) callbacks_.warn(refusal->message);
  set_refusal(std::move(refusal));
}

void Writer::fail(const std::string& why) {
  std::vector<Append> dropped;
  {
    core::MutexLock lock(mu_);
    failed_ = true;
    dropped.swap(queue_);
  }
  const std::string text = "the store in " + settings_.directory.string() + " has failed: " + why;
  // The next daemon may take it.
  set_refusal(core::Status{core::Reason::kStoreFailed, text, kAfterFailure});
  callbacks_.on_failure(text);
}

void Writer::set_refusal(std::optional<core::Status> refusal) {
  core::MutexLock lock(refusal_mu_);
  refuses_ = refusal.has_value();
  refusal_ = std::move(refusal);
}

}  // namespace futured::store
