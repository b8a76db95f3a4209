#include "server/core/ready_queue.h"

#include <iterator>

namespace futured::core {
namespace {

// Whether `one`, which stands in an order, may get a later key and stay where it is. The usual case: the first moves on
// to its next future, and is the first still.
template <class Order, class T>
bool stays_first(const Order& order, const T& one, std::int32_t priority, std::uint64_t key) {
  if (*order.begin() != &one || priority != one.priority) return false;
  const auto second = std::next(order.begin());
  return second == order.end() || (*second)->priority < priority || key < (*second)->queued_key;
}

// Gives `one` its place in an order; key 0: none.
template <class Order, class T>
void put(Order& order, T& one, std::int32_t priority, std::uint64_t key) {
  const bool is_in = one.queued_key != 0;
  const bool moves = !is_in || key == 0 || !stays_first(order, one, priority, key);
  if (is_in && moves) order.erase(&one);
  one.priority = priority;
  one.queued_key = key;
  if (key != 0 && moves) order.insert(&one);
}

}  // namespace

void ReadyQueue::push_back(Lane& lane, std::uint32_t slot) {
  Line& line = line_of(lane, slot);
  link(line, slot, line.tail, kNone);
  if (line.head != slot) return;
  reorder(line);
  reorder(lane.cap);
}

void ReadyQueue::put_back(Lane& lane, std::uint32_t slot) {
  Line& line = line_of(lane, slot);
  // Only those that other workers gave back earlier can come before it, so the walk is short.
  std::uint32_t next = line.head;
  while (next != kNone && records_[next].place < records_[slot].place) next = records_[next].next;
  link(line, slot, next == kNone ? line.tail : records_[next].previous, next);
  if (line.head != slot) return;
  reorder(line);
  reorder(lane.cap);
}

void ReadyQueue::remove(Lane& lane, std::uint32_t slot) {
  Line& line = line_of(lane, slot);
  const bool was_head = line.head == slot;
  unlink(line, slot);
  if (!was_head) return;
  reorder(line);
  reorder(lane.cap);
}

std::uint32_t ReadyQueue::front() const { return caps_.empty() ? kNone : (*(*caps_.begin())->lines.begin())->head; }

void ReadyQueue::pop_front() {
  Cap& cap = **caps_.begin();
  Line& line = **cap.lines.begin();
  Lane& lane = *line.lane;
  unlink(line, line.head);
  if (++lane.running < lane.max_running) {
    reorder(line);
  } else {
    reorder_all(lane);
  }
  ++cap.running;
  reorder(cap);
}

void ReadyQueue::finished(Lane& lane) {
  const bool lane_was_full = lane.running-- == lane.max_running;
  const bool cap_was_full = lane.cap.running-- == lane.cap.max_running;
  if (lane_was_full) reorder_all(lane);
  if (lane_was_full || cap_was_full) reorder(lane.cap);
}

void ReadyQueue::set_limit(Lane& lane, std::uint64_t max_running) {
  lane.max_running = max_running;
  reorder_all(lane);
  reorder(lane.cap);
}

void ReadyQueue::set_limit(Cap& cap, std::uint64_t max_running) {
  cap.max_running = max_running;
  reorder(cap);
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
  if (key != line.queued_key) put(line.lane->cap.lines, line, line.priority, key);
}

void ReadyQueue::reorder_all(Lane& lane) {
  reorder(lane.usual);
  for (auto& [priority, line] : lane.others) reorder(line);
}

void ReadyQueue::reorder(Cap& cap) {
  const bool gives = !cap.lines.empty() && cap.running < cap.max_running;
  const Line* const first = gives ? *cap.lines.begin() : nullptr;
  const std::int32_t priority = gives ? first->priority : 0;
  const std::uint64_t key = gives ? first->queued_key : 0;
  if (key != cap.queued_key || priority != cap.priority) put(caps_, cap, priority, key);
}

}  // namespace futured::core
