// Record: all that the table keeps of one future. Lane: a line of futures that share a limit on running at once.
#pragma once

#include <cstdint>
#include <optional>

#include "server/core/bytes.h"
#include "server/core/clock.h"
#include "server/core/executor.h"
#include "server/core/function_info.h"
#include "server/core/ids.h"
#include "server/core/lease.h"
#include "server/core/outcome.h"
#include "server/core/slab.h"
#include "server/core/task_options.h"

namespace futured::core {

// Futures of one executor in the order of submission. Those of sessions without a limit share one lane; a session with
// `max_workers` has its own.
struct Lane {
  ExecutorIndex executor = 0;
  // How many may be lent or running at once.
  std::uint64_t max_running = UINT64_MAX;
  // Lent to workers, or running.
  std::uint64_t running = 0;
  // Ends of the list of pending futures, linked through Record::next and previous.
  std::uint32_t head = kNone;
  std::uint32_t tail = kNone;
  // The lane's key in its ready queue's order; 0: not in it.
  std::uint64_t queued_key = 0;
};

struct Record {
  FutureId id;
  // Counts the futures that lived in this slot, so that an old Handle is recognised.
  std::uint32_t generation = 0;
  // Neighbours in the lane while pending, in a list of retention.h once final; `next` is the slab's while free.
  std::uint32_t next = kNone;
  std::uint32_t previous = kNone;
  // The first of its watches.
  std::uint32_t watches = kNone;
  State state = State::kPending;
  bool in_use = false;
  // Waits in its lane: pending and not lent.
  bool queued = false;
  // It is final, and safe: whoever asks may know. Until then it is shown as it was.
  bool published = false;
  // As the store knows it.
  State stored = State::kPending;
  // Where it is kept once final; see retention.h.
  enum class Kept : std::uint8_t { kNowhere, kOwed, kByOrder, kByTime };
  Kept kept = Kept::kNowhere;
  // Events with its outcome that wait in outboxes.
  std::uint32_t owed = 0;
  ExecutorIndex executor = 0;
  std::uint32_t attempt = 0;
  std::uint32_t lease_entry = 0;
  // Set while lent or running.
  Lease* lease = nullptr;
  // Valid until it is final.
  Lane* lane = nullptr;
  FunctionInfo* function = nullptr;
  // Dropped at the end; the size and the hash stay.
  Bytes arguments;
  std::uint64_t arguments_size = 0;
  std::uint64_t arguments_hash = 0;
  Outcome outcome;
  // Place in the order of submission.
  std::uint64_t sequence = 0;
  Time submitted;
  Time started;
  Time finished;
  // While running: when the attempt must end. Once final: when the future is forgotten.
  Time deadline;
  TaskOptions options;

  // What may be told of its state.
  State shown() const {
    if (published || !is_final(state)) return state;
    return started == Time() ? State::kPending : State::kRunning;
  }
};

using Records = Slab<Record>;

}  // namespace futured::core
