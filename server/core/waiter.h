// Waiter: waits for some futures by one of the policies of concurrent.futures.wait, and calls back once.
//
//   auto waiter = Waiter::open(parts, caller, {ReturnWhen::kAllCompleted, std::chrono::seconds(5)}, ids.size(),
//   on_end); if (waiter) watched = (*waiter)->watch(ids);
//
// It belongs to whoever opened it; the table and the timekeeper hold further references while it waits, and none
// afterwards. Whoever finds it idle looks at its events, and all others (a worker that finishes a future, the
// timekeeper, one who gives up) leave word with the one who looks. So it ends exactly once, and holds no lock while it
// uses the table or calls back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "server/core/clock.h"
#include "server/core/future_table.h"
#include "server/core/mutex.h"
#include "server/core/status.h"
#include "server/core/subscriber.h"
#include "server/core/timekeeper.h"

namespace futured::core {

enum class ReturnWhen {
  kFirstCompleted,
  // When one has failed, else when all have finished. A cancelled one has not failed.
  kFirstException,
  kAllCompleted,
};

class Waiter final : public Subscriber, public std::enable_shared_from_this<Waiter> {
 public:
  // Not owned; they outlive the waiter.
  struct Parts {
    FutureTable& table;
    Timekeeper& timekeeper;
    const Clock& clock;
  };
  struct Options {
    ReturnWhen return_when = ReturnWhen::kAllCompleted;
    // From open() on. None: no limit. 0: one look.
    std::optional<Duration> timeout;
    // Bytes of outcomes that are kept, in the order in which they come; the first may be larger. Of others only the
    // state is. 0: of all, so that no values are held in memory.
    std::uint64_t most_kept = UINT64_MAX;
  };
  enum class Ending { kReady, kTimeUp };
  // Called on the thread that ended the wait: the one that started it, a worker's, the timekeeper's, one in abort().
  // The waiter is no subscriber any more. A failure is what abort() was given.
  using Callback = std::function<void(const Result<Ending>&)>;

  // Registers a waiter for `count` futures that `caller` sees; fails like FutureTable::add_subscriber. Follow with
  // watch() or submit(), once.
  static Result<std::shared_ptr<Waiter>> open(const Parts& parts, AccountIndex caller, const Options& options,
                                              std::size_t count, Callback callback);

  // Waits for futures that exist; number i is `ids[i]`. Fails like FutureTable::subscribe, and then never calls back.
  Result<void> watch(std::span<const FutureId> ids);
  // Creates futures, and waits for them once they are durable. The tasks' tokens number them from 0. Fails like
  // FutureTable::create, and then never calls back.
  Result<void> submit(std::span<TaskGroup> groups);

  // Ends the wait, unless its end has come already. From any thread; may be repeated.
  void abort(const Status& why) FUTURED_EXCLUDES(mu_);
  void notify() override FUTURED_EXCLUDES(mu_) { look(); }

  // Of future number i: what was known at the end. One without a final state had not finished, or was forgotten before
  // it could be told. REQUIRES: in the callback or after it.
  const std::vector<Outcome>& outcomes() const { return outcomes_; }
  // Whether future number i has finished, and of its outcome only the state is kept.
  bool is_left_out(std::size_t i) const { return !left_out_.empty() && left_out_[i]; }

 private:
  Waiter(const Parts& parts, const Options& options, std::size_t count, Callback callback);

  // By the one that started it, who alone looks until then.
  void begin() FUTURED_EXCLUDES(mu_);
  void discard();
  void time_up() FUTURED_EXCLUDES(mu_);

  void look() FUTURED_EXCLUDES(mu_);
  // By the one that looks: until there is nothing new, or the end.
  void settle() FUTURED_EXCLUDES(mu_);
  void take_events();
  void take(Event& event);
  bool may_keep(std::uint64_t bytes);
  bool ready() const;
  void conclude(const Result<Ending>& ending);

  const Parts parts_;
  const Options options_;
  const std::optional<Time> deadline_;
  SubscriberId subscriber_ = kNoSubscriber;

  // Of the one that looks.
  Callback callback_;
  std::vector<Outcome> outcomes_;
  std::uint64_t kept_ = 0;
  // Empty: none is.
  std::vector<bool> left_out_;
  std::vector<Event> events_;
  std::size_t unfinished_;
  bool any_failed_ = false;
  std::optional<Timekeeper::Id> timer_;

  Mutex mu_;
  // Somebody looks; for ever after the end.
  bool looking_ FUTURED_GUARDED_BY(mu_) = true;
  // Something came up since that one last looked.
  bool look_again_ FUTURED_GUARDED_BY(mu_) = false;
  bool time_up_ FUTURED_GUARDED_BY(mu_) = false;
  std::optional<Status> aborted_ FUTURED_GUARDED_BY(mu_);
};

}  // namespace futured::core
