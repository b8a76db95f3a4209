#include "server/core/watch_list.h"

#include <cstddef>

namespace futured::core {

SubscriberId WatchList::add(std::shared_ptr<Subscriber> subscriber, AccountIndex account) {
  const SubscriberId id = entries_.allocate();
  Entry& entry = entries_[id];
  entry.subscriber = std::move(subscriber);
  entry.account = account;
  entry.watches = kNone;
  entry.read = 0;
  entry.notified = false;
  ++used_;
  return id;
}

bool WatchList::remove(SubscriberId id, std::size_t most) {
  Entry& entry = entries_[id];
  for (; most > 0 && entry.watches != kNone; --most) {
    const std::uint32_t index = entry.watches;
    const Watch& watch = watches_[index];
    unlink_from_record(watch);
    unlink_from_subscriber(watch);
    free_watch(index);
  }
  if (entry.watches != kNone) return false;
  entry.subscriber = nullptr;
  // Assigning {} would keep its room.
  entry.outbox = std::vector<PendingEvent>();
  entries_.free(id);
  --used_;
  return true;
}

void WatchList::watch(SubscriberId id, std::uint32_t slot, std::uint64_t token) {
  const std::uint32_t index = watches_.allocate();
  Record& record = records_[slot];
  Entry& entry = entries_[id];
  watches_[index] = {slot, id, token, record.watches, kNone, entry.watches, kNone};
  if (record.watches != kNone) watches_[record.watches].previous = index;
  if (entry.watches != kNone) watches_[entry.watches].previous_of_subscriber = index;
  record.watches = index;
  entry.watches = index;
}

void WatchList::post(SubscriberId id, PendingEvent event, std::vector<std::shared_ptr<Subscriber>>& notify) {
  Entry& entry = entries_[id];
  if (entry.read > entry.outbox.size() / 2 && entry.outbox.size() == entry.outbox.capacity()) {
    // Somebody who reads all the time, but never to the end, is to need no more than what waits.
    entry.outbox.erase(entry.outbox.begin(), entry.outbox.begin() + static_cast<std::ptrdiff_t>(entry.read));
    entry.read = 0;
  }
  entry.outbox.push_back(event);
  if (entry.notified) return;
  entry.notified = true;
  notify.push_back(entry.subscriber);
}

void WatchList::post_started(std::uint32_t slot, std::vector<std::shared_ptr<Subscriber>>& notify) {
  const Record& record = records_[slot];
  for (std::uint32_t index = record.watches; index != kNone; index = watches_[index].next) {
    post(watches_[index].subscriber, {watches_[index].token, {slot, record.generation}, Event::Kind::kStarted}, notify);
  }
}

void WatchList::observe(SubscriberId id, std::uint32_t slot, std::uint64_t token, Interest interest) {
  const std::uint32_t index = find(id, slot, token);
  if (index != kNone) observed_.try_emplace(index, Observation{interest});
}

void WatchList::post_news(std::uint32_t slot, Interest interest, std::vector<std::shared_ptr<Subscriber>>& notify) {
  if (observed_.empty()) return;
  const Record& record = records_[slot];
  for (std::uint32_t index = record.watches; index != kNone; index = watches_[index].next) {
    const auto observed = observed_.find(index);
    if (observed == observed_.end() || observed->second.told || observed->second.interest < interest) continue;
    observed->second.told = true;
    post(watches_[index].subscriber, {watches_[index].token, {slot, record.generation}, Event::Kind::kNews}, notify);
  }
}

void WatchList::news_read(SubscriberId id, std::uint32_t slot, std::uint64_t token) {
  const auto observed = observed_.find(find(id, slot, token));
  if (observed != observed_.end()) observed->second.told = false;
}

// kNone: that subscriber has no such watch.
std::uint32_t WatchList::find(SubscriberId id, std::uint32_t slot, std::uint64_t token) const {
  std::uint32_t index = records_[slot].watches;
  while (index != kNone && (watches_[index].subscriber != id || watches_[index].token != token)) {
    index = watches_[index].next;
  }
  return index;
}

void WatchList::free_watch(std::uint32_t index) {
  if (!observed_.empty()) observed_.erase(index);
  watches_.free(index);
}

std::uint32_t WatchList::post_finished(std::uint32_t slot, std::vector<std::shared_ptr<Subscriber>>& notify) {
  Record& record = records_[slot];
  std::uint32_t told = 0;
  while (record.watches != kNone) {
    const std::uint32_t index = record.watches;
    const Watch& watch = watches_[index];
    post(watch.subscriber, {watch.token, {slot, record.generation}, Event::Kind::kFinished}, notify);
    record.watches = watch.next;
    unlink_from_subscriber(watch);
    free_watch(index);
    ++told;
  }
  return told;
}

const PendingEvent* WatchList::next_event(SubscriberId id) {
  Entry& entry = entries_[id];
  if (entry.read < entry.outbox.size()) return &entry.outbox[entry.read];
  entry.notified = false;
  entry.read = 0;
  entry.outbox.clear();
  if (entry.outbox.capacity() > kOutboxKept) entry.outbox.shrink_to_fit();
  return nullptr;
}

void WatchList::unlink_from_record(const Watch& watch) {
  (watch.previous == kNone ? records_[watch.slot].watches : watches_[watch.previous].next) = watch.next;
  if (watch.next != kNone) watches_[watch.next].previous = watch.previous;
}

void WatchList::unlink_from_subscriber(const Watch& watch) {
  (watch.previous_of_subscriber == kNone ? entries_[watch.subscriber].watches
                                         : watches_[watch.previous_of_subscriber].next_of_subscriber) =
      watch.next_of_subscriber;
  if (watch.next_of_subscriber != kNone) {
    watches_[watch.next_of_subscriber].previous_of_subscriber = watch.previous_of_subscriber;
  }
}

}  // namespace futured::core
