#include "server/core/ready_queue.h"

#include <iterator>

namespace futured::core {

void ReadyQueue::push_back(Lane& lane, std::uint32_t slot) {
  Line& line = line_of(lane, slot);
  link(line, slot, line.tail, kNone);
  if (line.head == slot) reorder(line);
}

void ReadyQueue::put_back(Lane& lane, std::uint32_t slot) {
  Line& line = line_of(lane, slot);
  // Only those that other workers gave back earlier can come before it, so the walk is short.
  std::uint32_t next = line.head;
  while (next != kNone && records_[next].place < records_[slot].place) next = records_[next].next;
  link(line, slot, next == kNone ? line.tail : records_[next].previous, next);
  if (line.head == slot) reorder(line);
}

void ReadyQueue::remove(Lane& lane, std::uint32_t slot) {
  Line& line = line_of(lane, slot);
  const bool was_head = line.head == slot;
  unlink(line, slot);
  if (was_head) reorder(line);
}

std::uint32_t ReadyQueue::front() const { return lines_.empty() ? kNone : (*lines_.begin())->head; }

void ReadyQueue::pop_front() {
  Line& line = **lines_.begin();
  Lane& lane = *line.lane;
  unlink(line, line.head);
  if (++lane.running < lane.max_running) {
    reorder(line);
  } else {
    reorder_all(lane);
  }
}

void ReadyQueue::finished(Lane& lane) {
  if (lane.running-- == lane.max_running) reorder_all(lane);
}

void ReadyQueue::set_limit(Lane& lane, std::uint64_t max_running) {
  lane.max_running = max_running;
  reorder_all(lane);
}

Line& ReadyQueue::line_of(Lane& lane, std::uint32_t slot) {
  const TaskPolicy* const policy = records_[slot].options.policy.get();
  if (policy == nullptr || policy->priority == 0) return lane.usual;
  Line& line = lane.others[policy->priority];
  line.lane = &lane;
  line.priority = policy->priority;
  return line;
}

void ReadyQueue::link(Line& line, std::uint32_t slot, std::uint32_t previous, std::uint32_t next) {
  Record& record = records_[slot];
  record.previous = previous;
  record.next = next;
  record.queued = true;
  (previous == kNone ? line.head : records_[previous].next) = slot;
  (next == kNone ? line.tail : records_[next].previous) = slot;
  ++size_;
}

void ReadyQueue::unlink(Line& line, std::uint32_t slot) {
  Record& record = records_[slot];
  (record.previous == kNone ? line.head : records_[record.previous].next) = record.next;
  (record.next == kNone ? line.tail : records_[record.next].previous) = record.previous;
  record.queued = false;
  --size_;
}

void ReadyQueue::reorder(Line& line) {
  const bool gives = line.head != kNone && line.lane->running < line.lane->max_running;
  const std::uint64_t key = gives ? records_[line.head].place : 0;
  if (key == line.queued_key) return;
  if (line.queued_key != 0 && key != 0 && stays_in_place(line, key)) {
    line.queued_key = key;
    return;
  }
  if (line.queued_key != 0) lines_.erase(&line);
  line.queued_key = key;
  if (key != 0) lines_.insert(&line);
}

void ReadyQueue::reorder_all(Lane& lane) {
  reorder(lane.usual);
  for (auto& [priority, line] : lane.others) reorder(line);
}

// The usual case: the first line moves on to its next future, and is the first still.
bool ReadyQueue::stays_in_place(const Line& line, std::uint64_t key) const {
  if (*lines_.begin() != &line) return false;
  const auto second = std::next(lines_.begin());
  return second == lines_.end() || (*second)->priority < line.priority || key < (*second)->queued_key;
}

}  // namespace futured::core
