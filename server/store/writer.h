// Writer: the one thread that writes the database. What gathers during a commit makes up the next.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "server/core/clock.h"
#include "server/core/mutex.h"
#include "server/core/status.h"
#include "server/core/store.h"
#include "server/store/disk_space.h"
#include "server/store/log_keeper.h"
#include "server/store/recorder.h"
#include "server/store/sqlite.h"

namespace futured::store {

// What a store tells of itself. Called from its thread, one at a time; must not destroy or close the store.
struct Callbacks {
  // Once: the store has failed for good.
  std::function<void(std::string why)> on_failure;
  // Something that the operator should know of.
  std::function<void(std::string text)> warn;
};

// A full disk is waited for: what could not be written is tried again, unacknowledged, until there is room. So is a
// program that has locked the database. After any other error nothing is written or acknowledged any more.
//
// Most tasks end soon after they were submitted. So when it was idle and gets submissions, it waits a little for what
// becomes of them: one sync then does for both.
class Writer {
 public:
  struct Settings {
    std::filesystem::path directory;
    // Bytes.
    std::uint64_t log_limit = 0;
    // How long it waits for what becomes of submissions, at most.
    std::chrono::microseconds gather_for{0};
  };
  // `database`: of the data directory; `clock` must outlive it.
  static SqliteResult<std::unique_ptr<Writer>> start(std::unique_ptr<Connection> database, Settings settings,
                                                     DiskSpace space, const core::Clock& clock, Callbacks callbacks);
  // As close().
  ~Writer();

  // Never blocks on the disk. Thread-safe.
  void append(std::vector<core::Transition> transitions, std::function<void()> when_durable);
  // Thread-safe.
  std::optional<core::Status> refusal() const;
  // Size of the write-ahead log in use. Thread-safe.
  std::uint64_t log_bytes() const { return log_.log_bytes(); }
  // All but the sizes of files and disk. Thread-safe.
  core::StoreStats stats() const FUTURED_EXCLUDES(stats_mu_);
  // Writes what waits, unless the disk is full, and marks the database as closed in order. Nothing may be appended
  // afterwards. May be called again.
  void close();

 private:
  struct Append {
    std::vector<core::Transition> transitions;
    std::function<void()> when_durable;
  };
  using SteadyTime = std::chrono::steady_clock::time_point;

  Writer(std::unique_ptr<Connection> database, Recorder recorder, Settings settings, DiskSpace space,
         const core::Clock& clock, Callbacks callbacks);

  void run();
  // Waits for work and meanwhile does what is to be done when there is none. Empty: closed, or failed.
  std::vector<Append> next_work();
  std::optional<std::vector<Append>> wait_for_work(std::optional<SteadyTime> until);
  // Where there are submissions, and nothing that anybody waits for besides, waits for what becomes of them.
  void gather() FUTURED_REQUIRES(mu_);
  // False: the store has failed.
  bool write(std::vector<Append>& work);
  bool commit(const Append* first, const Append* end);
  // Counts a commit of so many changes that began then.
  void committed(std::size_t changes, SteadyTime began) FUTURED_EXCLUDES(stats_mu_);
  bool do_idle_work();
  void end_in_order();
  // Whether it is to be tried again; else the store has failed.
  bool survives(const SqliteError& error);
  void wait_before_retry(std::chrono::milliseconds delay);
  void look_at_disk();
  void fail(const std::string& why);
  void set_refusal(std::optional<core::Status> refusal);

  const std::unique_ptr<Connection> database_;
  const Settings settings_;
  const core::Clock& clock_;
  const Callbacks callbacks_;

  // Of the thread.
  Recorder recorder_;
  LogKeeper log_;
  DiskSpace space_;
  SteadyTime disk_seen_;
  SteadyTime warned_;
  bool more_idle_work_ = false;

  core::Mutex mu_;
  core::CondVar changed_;
  std::vector<Append> queue_ FUTURED_GUARDED_BY(mu_);
  // The thread waits, and everything that was appended is acknowledged.
  bool idle_ FUTURED_GUARDED_BY(mu_) = false;
  // The thread waits a little for more before it writes.
  bool gathering_ FUTURED_GUARDED_BY(mu_) = false;
  bool closing_ FUTURED_GUARDED_BY(mu_) = false;
  bool failed_ FUTURED_GUARDED_BY(mu_) = false;

  std::atomic<bool> refuses_{false};
  mutable core::Mutex refusal_mu_;
  std::optional<core::Status> refusal_ FUTURED_GUARDED_BY(refusal_mu_);

  mutable core::Mutex stats_mu_;
  core::StoreStats stats_ FUTURED_GUARDED_BY(stats_mu_);

  std::thread thread_;
};

}  // namespace futured::store
