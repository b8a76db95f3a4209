// Record: all that the table keeps of one future.
#pragma once

#include <cstdint>
#include <optional>

#include "server/core/account.h"
#include "server/core/bytes.h"
#include "server/core/clock.h"
#include "server/core/executor.h"
#include "server/core/function_info.h"
#include "server/core/ids.h"
#include "server/core/lane.h"
#include "server/core/lease.h"
#include "server/core/outcome.h"
#include "server/core/slab.h"
#include "server/core/task_options.h"

namespace futured::core {

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
  // As the store knows it.
  State stored = State::kPending;
  // Where it is kept once final; see retention.h.
  enum class Kept : std::uint8_t { kNowhere, kOwed, kByOrder, kByTime };
  Kept kept = Kept::kNowhere;
  // Bits, as a million records hold them.
  bool in_use : 1 = false;
  // Stands in its lane: pending and not lent.
  bool queued : 1 = false;
  // Pending, and its time has not come: until `deadline`.
  bool waiting : 1 = false;
  // The record of its beginning is being stored, or is stored and no worker has taken it yet.
  bool starting : 1 = false;
  // A cancel asked it to stop, so that there is no further attempt.
  bool stop_requested : 1 = false;
  // It is final, and safe: whoever asks may know. Until then it is shown as it was.
  bool published : 1 = false;
  // Who submitted it.
  AccountIndex account = kDaemonAccount;
  ExecutorIndex executor = 0;
  // Events with its outcome that wait in outboxes.
  std::uint32_t owed = 0;
  std::uint32_t attempt = 0;
  std::uint32_t lease_entry = 0;
  // Set while lent or running.
  Lease* lease = nullptr;
  // Valid until it is final.
  Lane* lane = nullptr;
  FunctionInfo* function = nullptr;
  // Dropped when it succeeds; the size and the hash stay.
  Bytes arguments;
  std::uint64_t arguments_size = 0;
  std::uint64_t arguments_hash = 0;
  // Until the end: how the last attempt failed, if there is to be another.
  Outcome outcome;
  // Place in the order of submission.
  std::uint64_t sequence = 0;
  // Place in its line: of submission, or of when its time came.
  std::uint64_t place = 0;
  Time submitted;
  Time started;
  Time finished;
  // While waiting, and from then on in the queue: when it may begin; Time::min() if it never waited. While lent: when
  // the attempt must end. Once final: when the future is forgotten.
  Time deadline;
  TaskOptions options;

  // What may be told of its state.
  State shown() const {
    if (published || !is_final(state)) return state;
    return started == Time() ? State::kPending : State::kRunning;
  }
  // While in the queue: since when it might have begun.
  Time ready() const { return submitted < deadline ? deadline : submitted; }
  // Of a final one.
  std::uint64_t kept_bytes() const { return outcome.size() + arguments.size(); }
  // When it fails unless it has ended.
  std::optional<Time> expires() const {
    if (options.policy == nullptr || options.policy->expires.count() < 0) return std::nullopt;
    return submitted + options.policy->expires;
  }
};

using Records = Slab<Record>;

}  // namespace futured::core
