#include "server/core/waiter.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace futured::core {
namespace {

// Events copied under one lock of the table.
constexpr std::size_t kEventsAtOnce = 1024;

}  // namespace

Waiter::Waiter(const Parts& parts, const Options& options, std::size_t count, Callback callback)
    : parts_(parts),
      options_(options),
      deadline_(options.timeout ? std::optional(parts.clock.now() + *options.timeout) : std::nullopt),
      callback_(std::move(callback)),
      outcomes_(count),
      unfinished_(count) {}

Result<std::shared_ptr<Waiter>> Waiter::open(const Parts& parts, AccountIndex caller, const Options& options,
                                             std::size_t count, Callback callback) {
  std::shared_ptr<Waiter> waiter(new Waiter(parts, options, count, std::move(callback)));
  const auto subscriber = parts.table.add_subscriber(waiter, caller);
  if (!subscriber) return tl::unexpected(subscriber.error());
  waiter->subscriber_ = *subscriber;
  return waiter;
}

Result<void> Waiter::watch(std::span<const FutureId> ids) {
  std::vector<WatchRequest> requests;
  requests.reserve(ids.size());
  for (const FutureId id : ids) requests.push_back({id, requests.size()});
  auto watched = parts_.table.subscribe(subscriber_, requests, false);
  if (!watched) {
    discard();
  } else {
    begin();
  }
  return watched;
}

Result<void> Waiter::submit(std::span<TaskGroup> groups) {
  auto created = parts_.table.create(groups, subscriber_, [self = shared_from_this()] { self->begin(); });
  if (!created) discard();
  return created;
}

void Waiter::discard() { parts_.table.remove_subscriber(subscriber_); }

void Waiter::begin() {
  take_events();
  if (!ready() && deadline_) {
    if (*deadline_ <= parts_.clock.now()) {
      time_up();
    } else {
      timer_ = parts_.timekeeper.schedule(*deadline_, [self = shared_from_this()] { self->time_up(); });
    }
  }
  settle();
}

void Waiter::time_up() {
  {
    MutexLock lock(mu_);
    time_up_ = true;
  }
  look();
}

void Waiter::abort(const Status& why) {
  {
    MutexLock lock(mu_);
    if (!aborted_) aborted_ = why;
  }
  look();
}

void Waiter::look() {
  {
    MutexLock lock(mu_);
    look_again_ = true;
    if (looking_) return;
    looking_ = true;
  }
  settle();
}

void Waiter::settle() {
  std::optional<Result<Ending>> ending;
  while (!ending) {
    if (ready()) {
      ending = Ending::kReady;
      break;
    }
    {
      MutexLock lock(mu_);
      if (!look_again_) {
        if (aborted_) {
          ending = tl::unexpected(*aborted_);
        } else if (time_up_) {
          ending = Ending::kTimeUp;
        } else {
          looking_ = false;
          return;
        }
        break;
      }
      look_again_ = false;
    }
    take_events();
  }
  conclude(*ending);
}

void Waiter::take_events() {
  bool left = true;
  while (left) {
    events_.clear();
    left = parts_.table.drain(subscriber_, kEventsAtOnce, SIZE_MAX, events_);
    for (Event& event : events_) take(event);
  }
  // Assigning {} would keep its room.
  events_ = std::vector<Event>();
}

void Waiter::take(Event& event) {
  Outcome& outcome = outcomes_[event.token];
  if (event.kind == Event::Kind::kStarted) {
    outcome.state = State::kRunning;
    return;
  }
  --unfinished_;
  if (event.kind == Event::Kind::kUnknown) return;
  any_failed_ = any_failed_ || event.outcome.state == State::kFailed;
  if (may_keep(event.outcome.size())) {
    outcome = std::move(event.outcome);
    return;
  }
  outcome.state = event.outcome.state;
  left_out_.resize(outcomes_.size());
  left_out_[event.token] = true;
}

bool Waiter::may_keep(std::uint64_t bytes) {
  const std::uint64_t left = options_.most_kept - std::min(options_.most_kept, kept_);
  if (options_.most_kept == 0 || (kept_ > 0 && bytes > left)) return false;
  kept_ += bytes;
  return true;
}

bool Waiter::ready() const {
  switch (options_.return_when) {
    case ReturnWhen::kFirstCompleted:
      return unfinished_ < outcomes_.size() || outcomes_.empty();
    case ReturnWhen::kFirstException:
      return any_failed_ || unfinished_ == 0;
    case ReturnWhen::kAllCompleted:
      break;
  }
  return unfinished_ == 0;
}

void Waiter::conclude(const Result<Ending>& ending) {
  if (timer_) parts_.timekeeper.cancel(*timer_);
  parts_.table.remove_subscriber(subscriber_);
  // The callback may release the last reference to this.
  const Callback callback = std::move(callback_);
  callback(ending);
}

}  // namespace futured::core
