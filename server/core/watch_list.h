// WatchList: who is to be told about which future.
//
// A watch is linked twice: with the others of its future and with the others of its subscriber, so that either can go
// in time proportional to its own watches. Events wait in the subscriber's outbox, which keeps their order and lets one
// notification serve many. Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "server/core/account.h"
#include "server/core/record.h"
#include "server/core/subscriber.h"

namespace futured::core {

// An event without its outcome, which stays in the record until somebody reads it.
struct PendingEvent {
  std::uint64_t token;
  Handle handle;
  Event::Kind kind;
};

class WatchList {
 public:
  explicit WatchList(Records& records) : records_(records) {}

  // `account`: on whose behalf it watches.
  SubscriberId add(std::shared_ptr<Subscriber> subscriber, AccountIndex account);
  AccountIndex account(SubscriberId id) const { return entries_[id].account; }
  // Forgets up to `most` of a subscriber's watches, and when none is left the subscriber itself: then true.
  bool remove(SubscriberId id, std::size_t most);
  std::size_t subscribers() const { return used_; }
  std::size_t watches() const { return watches_.used(); }

  // Watches a future that has not finished.
  void watch(SubscriberId id, std::uint32_t slot, std::uint64_t token);
  // Puts an event into one outbox. Whoever must be notified is appended to `notify`.
  void post(SubscriberId id, PendingEvent event, std::vector<std::shared_ptr<Subscriber>>& notify);
  // Tells all subscribers of a future that it has started.
  void post_started(std::uint32_t slot, std::vector<std::shared_ptr<Subscriber>>& notify);
  // Tells all subscribers of a future that it has finished, forgets their watches, and returns how many they were.
  std::uint32_t post_finished(std::uint32_t slot, std::vector<std::shared_ptr<Subscriber>>& notify);

  std::size_t events(SubscriberId id) const { return entries_[id].outbox.size() - entries_[id].read; }
  // The oldest event of a subscriber that has not been read; null when there is none: then the next one notifies.
  const PendingEvent* next_event(SubscriberId id);
  // Drops the event that next_event() returned.
  void pop_event(SubscriberId id) { ++entries_[id].read; }

 private:
  struct Watch {
    std::uint32_t slot = kNone;
    SubscriberId subscriber = kNoSubscriber;
    std::uint64_t token = 0;
    std::uint32_t next = kNone;
    std::uint32_t previous = kNone;
    std::uint32_t next_of_subscriber = kNone;
    std::uint32_t previous_of_subscriber = kNone;
  };
  struct Entry {
    std::shared_ptr<Subscriber> subscriber;
    std::vector<PendingEvent> outbox;
    // Events of the outbox that have been read.
    std::size_t read = 0;
    std::uint32_t watches = kNone;
    std::uint32_t next = kNone;
    AccountIndex account = kDaemonAccount;
    bool notified = false;
  };

  // Outboxes that grew beyond this many events give their memory back.
  static constexpr std::size_t kOutboxKept = 4096;

  void unlink_from_record(const Watch& watch);
  void unlink_from_subscriber(const Watch& watch);

  Records& records_;
  Slab<Watch> watches_;
  Slab<Entry> entries_;
  std::size_t used_ = 0;
};

}  // namespace futured::core
