// Interest of waiting threads in futures.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "signal.h"

namespace futured::detail {

class FutureState;
struct Watch;

// One future that a Watch is interested in: a node of the future's list.
struct Link {
  Watch* watch = nullptr;
  FutureState* future = nullptr;  // Null: not in a list.
  std::uint32_t index = 0;        // What the watch calls this future.
  Link* next = nullptr;
  Link** back = nullptr;  // What points to this node.
};

// A waiting thread's interest in some futures of one session, whose mutex guards it. A thread that waits for futures of
// several sessions has a watch in each, and one signal. Registering, completing and leaving are O(1) for each future.
struct Watch {
  std::shared_ptr<Signal> signal;
  std::vector<Link> links;               // Never grows while linked.
  std::vector<std::uint32_t> completed;  // Indices of those done since the thread last looked.
  bool signalled = false;                // The thread has been or will be woken for `completed`.
};

// REQUIRES: the session's mutex, and that the future is not done.
void link(Link& link, FutureState& future);
// REQUIRES: the session's mutex.
void unlink(Link& link);
// Tells all watchers of a future that it is done, and empties the list. Signals to set once the mutex is released are
// added to `signals`. REQUIRES: the session's mutex.
void complete_watchers(FutureState& future, std::vector<std::shared_ptr<Signal>>& signals);

}  // namespace futured::detail
