#include "server/core/retention.h"

namespace futured::core {

void Retention::keep(std::uint32_t slot, Time now) {
  Record& record = records_[slot];
  if (record.kept != Record::Kept::kNowhere) remove(slot);
  bytes_ += record.kept_bytes();
  if (record.owed > 0) {
    record.kept = Record::Kept::kOwed;
    append(owed_, slot);
  } else if (record.options.retention.count() < 0) {
    record.kept = Record::Kept::kByOrder;
    record.deadline = now + limits_.retention;
    append(by_order_, slot);
  } else {
    record.kept = Record::Kept::kByTime;
    record.deadline = now + record.options.retention;
    by_time_.emplace(record.deadline, slot);
  }
}

void Retention::keep_restored(std::uint32_t slot) {
  Record& record = records_[slot];
  const Duration own = record.options.retention;
  bytes_ += record.kept_bytes();
  record.kept = Record::Kept::kByTime;
  record.deadline = record.finished + (own.count() < 0 ? limits_.retention : own);
  by_time_.emplace(record.deadline, slot);
}

void Retention::remove(std::uint32_t slot) {
  Record& record = records_[slot];
  bytes_ -= record.kept_bytes();
  switch (record.kept) {
    case Record::Kept::kNowhere:
      break;
    case Record::Kept::kOwed:
      unlink(owed_, slot);
      break;
    case Record::Kept::kByOrder:
      unlink(by_order_, slot);
      break;
    case Record::Kept::kByTime:
      by_time_.erase({record.deadline, slot});
      break;
  }
  record.kept = Record::Kept::kNowhere;
}

std::uint32_t Retention::due(Time now) const {
  const std::uint32_t slot = first();
  const bool too_many_bytes = bytes_ > limits_.max_retained_bytes;
  if (slot == kNone) return too_many_bytes ? owed_.head : kNone;
  const bool crowded = too_many_bytes || count() > limits_.max_retained;
  return crowded || records_[slot].deadline <= now ? slot : kNone;
}

Time Retention::next_expiry() const {
  const std::uint32_t slot = first();
  return slot == kNone ? Time::max() : records_[slot].deadline;
}

void Retention::append(List& list, std::uint32_t slot) {
  Record& record = records_[slot];
  record.previous = list.tail;
  record.next = kNone;
  (list.tail == kNone ? list.head : records_[list.tail].next) = slot;
  list.tail = slot;
  ++list.count;
}

void Retention::unlink(List& list, std::uint32_t slot) {
  Record& record = records_[slot];
  (record.previous == kNone ? list.head : records_[record.previous].next) = record.next;
  (record.next == kNone ? list.tail : records_[record.next].previous) = record.previous;
  --list.count;
}

std::uint32_t Retention::first() const {
  if (by_time_.empty()) return by_order_.head;
  const auto& [deadline, slot] = *by_time_.begin();
  return by_order_.head == kNone || deadline < records_[by_order_.head].deadline ? slot : by_order_.head;
}

}  // namespace futured::core
