#include "server/core/ready_queue.h"

#include <iterator>

namespace futured::core {

void ReadyQueue::push_back(Lane& lane, std::uint32_t slot) {
  link(lane, slot, lane.tail, kNone);
  if (lane.head == slot) reorder(lane);
}

void ReadyQueue::put_back(Lane& lane, std::uint32_t slot) {
  // Only those that other workers gave back earlier can come before it, so the walk is short.
  std::uint32_t next = lane.head;
  while (next != kNone && records_[next].sequence < records_[slot].sequence) next = records_[next].next;
  link(lane, slot, next == kNone ? lane.tail : records_[next].previous, next);
  if (lane.head == slot) reorder(lane);
}

void ReadyQueue::remove(Lane& lane, std::uint32_t slot) {
  const bool was_head = lane.head == slot;
  unlink(lane, slot);
  if (was_head) reorder(lane);
}

std::uint32_t ReadyQueue::front() const { return lanes_.empty() ? kNone : (*lanes_.begin())->head; }

void ReadyQueue::pop_front() {
  Lane& lane = **lanes_.begin();
  unlink(lane, lane.head);
  ++lane.running;
  reorder(lane);
}

void ReadyQueue::finished(Lane& lane) {
  --lane.running;
  if (lane.queued_key == 0) reorder(lane);
}

void ReadyQueue::set_limit(Lane& lane, std::uint64_t max_running) {
  lane.max_running = max_running;
  reorder(lane);
}

void ReadyQueue::link(Lane& lane, std::uint32_t slot, std::uint32_t previous, std::uint32_t next) {
  Record& record = records_[slot];
  record.previous = previous;
  record.next = next;
  record.queued = true;
  (previous == kNone ? lane.head : records_[previous].next) = slot;
  (next == kNone ? lane.tail : records_[next].previous) = slot;
  ++size_;
}

void ReadyQueue::unlink(Lane& lane, std::uint32_t slot) {
  Record& record = records_[slot];
  (record.previous == kNone ? lane.head : records_[record.previous].next) = record.next;
  (record.next == kNone ? lane.tail : records_[record.next].previous) = record.previous;
  record.queued = false;
  --size_;
}

void ReadyQueue::reorder(Lane& lane) {
  const bool gives = lane.head != kNone && lane.running < lane.max_running;
  const std::uint64_t key = gives ? records_[lane.head].sequence : 0;
  if (key == lane.queued_key) return;
  if (lane.queued_key != 0 && key != 0 && stays_in_place(lane, key)) {
    lane.queued_key = key;
    return;
  }
  if (lane.queued_key != 0) lanes_.erase(&lane);
  lane.queued_key = key;
  if (key != 0) lanes_.insert(&lane);
}

// The usual case: the first lane moves on to its next future, and is the first still.
bool ReadyQueue::stays_in_place(const Lane& lane, std::uint64_t key) const {
  if (*lanes_.begin() != &lane) return false;
  const auto second = std::next(lanes_.begin());
  return second == lanes_.end() || key < (*second)->queued_key;
}

}  // namespace futured::core
